import { setImmediate } from "node:timers/promises";
import { canonicalDigest } from "@rekey/contracts";
import {
  lanes,
  localActor,
  signalId,
  type Case,
  type Consumer,
  type Issuer,
  type Ledger,
  type Notice,
  type OutgoingRecord,
  type Policy,
  type ReceivedSignal,
  type Signal,
  type Store,
} from "@rekey/domain";
import {
  advanceHeld,
  relayAll,
  tick,
  workFromLedger,
  type RelayParts,
  type TickParts,
} from "@rekey/engine";
import { createMemoryJobs } from "@rekey/jobs";
import { newId, systemClock } from "@rekey/runtime";
import { Secret } from "@rekey/secret";
import { openDocuments, type Documents } from "./documents.fixture.ts";
import { inventoryOf, type CredentialSketch } from "./inventory.fixture.ts";
import { openTarget, type Target } from "./target.fixture.ts";
import { publishedSink } from "./published.fixture.ts";

export interface World {
  readonly parts: TickParts;
  readonly issuer: Issuer;
  readonly store: Store;
  readonly sent: OutgoingRecord[];
  readonly notices: Notice[];
  readonly crash: { at: string | undefined };
  /** Moves the ledger's clock on at once, where it is not a real server's. */
  moveOn(milliseconds: number): void;
  /** As a restart after kill -9: the dead worker's holds end. */
  restart(): Promise<void>;
  apply(
    sketches: readonly CredentialSketch[],
    policy?: Partial<Policy>,
    consumers?: readonly Consumer[],
  ): Promise<void>;
  report(signal: Partial<Signal> & Pick<Signal, "kind">): Promise<void>;
  /** Works until nothing is due within the time, or the check holds. */
  until(check: () => Promise<boolean>, withinMs?: number): Promise<void>;
  cases(): Promise<readonly Case[]>;
  readonly read: Documents["read"];
  readonly login: Target["login"];
  readonly roles: Target["roles"];
  readonly sql: Target["sql"];
  readonly target: Target;
  close(): Promise<void>;
}

/** Thrown by a failpoint: the worker dies here, its hold stays. */
class Crash extends Error {}

/** The ledger under test, and how its clock is moved on while everything waits (a real one moves by itself). */
export interface LedgerUnderTest {
  readonly ledger: Ledger;
  readonly moveOn: (milliseconds: number) => void;
}

/** A bound for what hangs, no measure: most ends within a second, and a busy machine is slower by far. */
const untilMsMax = 120_000;

export const openWorld = async (openLedger: () => Promise<LedgerUnderTest>): Promise<World> => {
  const target = await openTarget();
  const documents = await openDocuments();
  const { ledger, moveOn } = await openLedger();
  const { issuer } = target;
  const { store } = documents;
  const sent: OutgoingRecord[] = [];
  const notices: Notice[] = [];
  const crash: World["crash"] = { at: undefined };
  const parts = partsOf({ ledger, issuer, store, crash });
  const relay = relayPartsOf(parts, { sent, notices });
  return {
    parts,
    issuer,
    store,
    sent,
    notices,
    crash,
    target,
    moveOn,
    apply: async (sketches, policy = {}, consumers = []) =>
      void (await ledger.applyInventory({
        inventory: inventoryOf(sketches, policy, consumers),
        actor: localActor("operator"),
        reason: "test",
      })),
    report: async (signal) => await report(parts, signal),
    restart: async () => void (await ledger.endForeignHolds({ worker: "another" })),
    until: async (check, withinMs = untilMsMax) =>
      await workUntil({ parts, relay, check, withinMs, moveOn }),
    cases: async () => await ledger.cases({ limit: 100 }),
    read: async (credential) => await documents.read(credential),
    login: async (value) => await target.login(value),
    roles: async () => await target.roles(),
    sql: async (statement) => await target.sql(statement),
    close: async () => {
      await ledger.close();
      await documents.close();
      await target.close();
    },
  };
};

interface Given {
  readonly ledger: Ledger;
  readonly issuer: Issuer;
  readonly store: Store;
  readonly crash: World["crash"];
}

/** Between rounds time passes by the scheduler's own clock too; a test that moves the ledger's alone steps it. */
type PassingParts = TickParts & { readonly letPass: (milliseconds: number) => void };

const partsOf = ({ ledger, issuer, store, crash }: Given): PassingParts => {
  let passed = 0;
  const pepper = { id: "test", key: Secret.fromUtf8("pepper-of-the-scenarios") };
  const silent = (): void => undefined;
  return {
    ledger,
    issuers: new Map([[issuer.instance, issuer]]),
    stores: new Map([[store.instance, store]]),
    clock: { ...systemClock, monotonicMs: () => systemClock.monotonicMs() + passed },
    letPass: (milliseconds) => {
      passed += milliseconds;
    },
    newId,
    random: Math.random,
    newAbort: () => new AbortController(),
    parallel: async (tasks) => await Promise.all(tasks.map(async (task) => await task())),
    failpoint: async (name) => {
      if (name !== crash.at) return await Promise.resolve();
      crash.at = undefined;
      throw new Crash(name);
    },
    fingerprint: (value) => [(value as Secret).fingerprint(pepper)],
    log: { info: silent, warn: silent, error: silent },
    worker: `worker-${newId()}`,
    watchDelaysMs: [3_600_000],
    normalise: () => [],
    capabilities: { [issuer.instance]: issuer.capabilities },
    beside: () => undefined,
    dispatcher: createMemoryJobs({ clock: systemClock }).open(),
    kinds: ["rotator"],
    build: "test",
    digest: canonicalDigest,
  };
};

const relayPartsOf = (
  parts: TickParts,
  { sent, notices }: { sent: OutgoingRecord[]; notices: Notice[] },
): RelayParts => ({
  ...parts,
  sink: publishedSink(sent),
  notifier: { notify: async (notice) => void (await Promise.resolve(notices.push(notice))) },
  parseNotice: (entry) => JSON.parse(entry.value) as Notice,
});

const report = async (
  parts: TickParts,
  signal: Partial<Signal> & Pick<Signal, "kind">,
): Promise<void> => {
  const id = newId();
  const whole: Signal = {
    eventId: id,
    disposition: "act",
    locators: [],
    public: false,
    severity: "high",
    confidence: "unknown",
    occurredAt: Date.now(),
    confidentiality: "open",
    dedupeKey: id,
    source: { system: "test", feed: "test", rawDigest: "" },
    ...signal,
  };
  const received: ReceivedSignal = {
    id: signalId(newId()),
    signal: whole,
    canonicalDigest: canonicalDigest(whole),
    authentication: { producer: "scanner", method: "local-socket", trusted: true },
    coordinates: "test",
  };
  const admitted = await parts.ledger.admit({
    signals: [received],
    capabilities: parts.capabilities,
    worker: parts.worker,
  });
  for (const answer of admitted) await advanceHeld(parts, answer).catch(swallowCrash);
};

const swallowCrash = (error: unknown): void => {
  if (!(error instanceof Crash)) throw error;
};

interface Working {
  readonly parts: PassingParts;
  readonly relay: RelayParts;
  readonly check: () => Promise<boolean>;
  readonly withinMs: number;
  readonly moveOn: (milliseconds: number) => void;
}

/** One round's step of a ledger clock that does not move by itself. */
const roundMs = 500;

const workUntil = async ({ parts, relay, check, withinMs, moveOn }: Working): Promise<void> => {
  const endsAt = performance.now() + withinMs;
  while (!(await check())) {
    if (performance.now() > endsAt)
      throw new Error(`the condition did not hold in time: ${await stateOf(parts.ledger)}`);
    await tick(parts);
    for (const lane of lanes) await workFromLedger(parts, lane);
    await relayAll(relay, () => undefined);
    moveOn(roundMs);
    parts.letPass(roundMs);
    // The ledger in memory never waits: without this, nothing else of the test would get a turn.
    await setImmediate();
  }
};

/** What everything waits for, so that a failed test says why. */
const stateOf = async (ledger: Ledger): Promise<string> => {
  const cases = await ledger.cases({ limit: 100, open: true });
  const views = await ledger.credentials({ limit: 100 });
  return JSON.stringify([
    ...cases.map((one) => [one.about, one.step, one.state]),
    ...views.flatMap((view) =>
      view.active === undefined ? [] : [[view.credential.id, view.active.state, view.active.done]],
    ),
  ]);
};
