import { canonicalDigest } from "@rekey/contracts";
import {
  issuerId,
  lanes,
  localActor,
  storeId,
  type Capabilities,
  type Credential,
  type Hint,
  type Ledger,
  type Notice,
  type OutgoingRecord,
  type Policy,
  type Signal,
} from "@rekey/domain";
import {
  actOnHint,
  advanceHeld,
  relayAll,
  tick,
  type ProviderShare,
  type RelayParts,
  type TickParts,
} from "@rekey/engine";
import { createMemoryJobs, type MemoryJobs } from "@rekey/jobs";
import { openMemoryLedger, type MemoryLedger } from "@rekey/ledger";
import { Secret } from "@rekey/secret";
import { createRandom, createVirtualClock, type Random, type VirtualClock } from "@rekey/testkit";
import { fakeProvider, type FakeProvider } from "./provider.fixture.ts";
import { publishedSink } from "./published.fixture.ts";
import { receivedIn } from "./received.fixture.ts";
import { inventoryOf } from "./small-inventory.fixture.ts";
import { stoppableWorkers } from "./stopped-workers.fixture.ts";
import { fakeStore, type FakeStore } from "./shelf.fixture.ts";

/** Thrown by a failpoint: the worker dies here, its hold stays. */
export class Died extends Error {}

const plainCapabilities: Capabilities = {
  strategy: "dual",
  secretChosenBy: "rekey",
  canSuspend: true,
  canMark: true,
  canEnumerate: true,
  canProbe: true,
  probeAnswer: "strong",
  probeCountsAsFailedLogin: false,
  propagationMs: 0,
  derived: ["session"],
  canSweep: true,
};

export interface SmallWorldOptions {
  readonly seed?: number;
  readonly capabilities?: Partial<Capabilities>;
  readonly vantages?: readonly string[];
  readonly policy?: Partial<Policy>;
  readonly consumers?: readonly string[];
  readonly credentials?: readonly Partial<Credential>[];
  /** The ledger that workers see: a test may put itself between. */
  readonly between?: (ledger: MemoryLedger) => Ledger;
  readonly watchDelaysMs?: readonly number[];
  readonly providerShare?: (clock: VirtualClock) => ProviderShare;
}

export interface SmallWorld {
  readonly random: Random;
  readonly clock: VirtualClock;
  readonly ledger: MemoryLedger;
  readonly provider: FakeProvider;
  readonly shelf: FakeStore;
  readonly parts: TickParts;
  readonly jobs: MemoryJobs;
  readonly sent: OutgoingRecord[];
  readonly notices: Notice[];
  /** Called at every failpoint of every worker; throws to kill it there. */
  at: (place: string) => Promise<void> | void;
  report(signal: Partial<Signal> & Pick<Signal, "kind">): Promise<void>;
  /** What is due now in any lane. */
  due(): Promise<readonly Hint[]>;
  /** One piece of work by a worker that lives until it is done or dies. */
  work(hint: Hint): Promise<void>;
  relay(): Promise<number>;
  /** Ticks, relays and works until nothing is due now; answers how much was done. */
  settle(): Promise<number>;
  /** Lets time pass in steps, working at each, until the check holds. */
  until(check: () => Promise<boolean> | boolean, withinMs?: number, stepMs?: number): Promise<void>;
  /** Called in a failpoint: the worker stops there, as by SIGSTOP, while others go on. */
  freeze(): Promise<void>;
  /** Lets every stopped worker go on. */
  thaw(): Promise<void>;
  /** A stopped worker is going on right now. */
  thawing: boolean;
  /** Runs something that needs time to pass, letting it pass. */
  during<Value>(work: Promise<Value>): Promise<Value>;
}

export const operator = localActor("operator");
const accounts = issuerId("accounts");
const startedAt = Date.parse("2026-03-02T12:00:00.000Z");
/** Work done without time passing: more means that something is due for ever. */
const workMax = 400;

export const openSmallWorld = async (options: SmallWorldOptions = {}): Promise<SmallWorld> => {
  const random = createRandom(options.seed ?? 1);
  const clock = createVirtualClock(startedAt);
  let ids = 0;
  const newId = (): string =>
    `01900000-0000-7000-8000-${(ids += 1).toString(16).padStart(12, "0")}`;
  const now = (): number => Math.floor(clock.now());
  const ledger = openMemoryLedger({ now, newId, build: "test" });
  const capabilities = { ...plainCapabilities, ...options.capabilities };
  const provider = fakeProvider({ instance: accounts, ...options, capabilities, now, newId });
  const shelf = fakeStore(storeId("shelf"));
  const sent: OutgoingRecord[] = [];
  const notices: Notice[] = [];
  const jobs = createMemoryJobs({ clock });
  const world = { random, clock, ledger, provider, shelf, jobs, sent, notices } as SmallWorld;
  const parts = partsOf(world, { newId, ledger: options.between?.(ledger) ?? ledger, options });
  Object.assign(world, { parts, at: () => undefined }, movesOf(world, parts));
  await ledger.applyInventory({
    inventory: inventoryOf(options),
    actor: operator,
    reason: "test",
  });
  await ledger.setMode({
    setting: { scope: "everything", name: "", mode: "act" },
    actor: operator,
    reason: "test",
  });
  return world;
};

interface Wiring {
  readonly newId: () => string;
  readonly ledger: Ledger;
  readonly options: SmallWorldOptions;
}

const partsOf = (world: SmallWorld, { newId, ledger, options }: Wiring): TickParts => {
  const { clock, provider, shelf, random, jobs } = world;
  const pepper = { id: "test", key: Secret.fromUtf8("pepper-of-the-small-world") };
  const silent = (): void => undefined;
  const { issuer } = provider;
  return {
    ledger,
    issuers: new Map([[issuer.instance, issuer]]),
    stores: new Map([[shelf.store.instance, shelf.store]]),
    clock,
    newId,
    random: () => random.next(),
    newAbort: () => new AbortController(),
    ...(options.providerShare === undefined ? {} : { providerShare: options.providerShare(clock) }),
    parallel: async (tasks) => await Promise.all(tasks.map(async (task) => await task())),
    failpoint: async (name) => await world.at(name),
    fingerprint: (value) => [(value as Secret).fingerprint(pepper)],
    log: { info: silent, warn: silent, error: silent },
    worker: "worker",
    watchDelaysMs: options.watchDelaysMs ?? [3_600_000],
    normalise: () => [],
    capabilities: { [issuer.instance]: issuer.capabilities },
    beside: () => undefined,
    dispatcher: jobs.open(),
    kinds: ["rotator"],
    build: "test",
    digest: canonicalDigest,
  };
};

const movesOf = (world: SmallWorld, parts: TickParts): Partial<SmallWorld> => {
  const { clock, ledger } = world;
  const workers = stoppableWorkers(world, parts);
  const relayParts = relayPartsOf(world, parts);
  const survived = async (work: Promise<unknown>): Promise<void> => {
    try {
      await world.during(work);
    } catch (error) {
      if (!(error instanceof Died)) throw error;
    }
  };
  return {
    thawing: false,
    freeze: workers.freeze,
    thaw: workers.thaw,
    during: async (work) => await during(clock, work, workers.wasStopped),
    report: async (signal) => await survived(report(workers.next(), signal)),
    due: async () => {
      const found: Hint[] = [];
      for (const lane of lanes)
        found.push(...(await ledger.due({ lane, limit: 100, withinMs: 0 })).items);
      return found;
    },
    work: async (hint) => await survived(actOnHint(workers.next(), hint)),
    relay: async () => {
      let sent = 0;
      await survived(relayAll(relayParts, () => undefined).then((count) => (sent = count)));
      return sent;
    },
    settle: async () => await settle(world, parts),
    until: async (check, withinMs = 3_600_000, stepMs = 1_000) => {
      for (let passed = 0; !(await check()); passed += stepMs) {
        if (passed > withinMs) throw new Error(`not in time: ${await stateOf(ledger)}`);
        await settle(world, parts);
        if (await check()) return;
        await clock.advance(stepMs);
      }
    },
  };
};

const relayPartsOf = (world: SmallWorld, parts: TickParts): RelayParts => ({
  ...parts,
  sink: publishedSink(world.sent),
  notifier: {
    notify: async (notice) => void (await Promise.resolve(world.notices.push(notice))),
  },
  parseNotice: (entry) => JSON.parse(entry.value) as Notice,
});

const settle = async (world: SmallWorld, parts: TickParts): Promise<number> => {
  for (let count = 0; count < workMax; count += 1) {
    await world.during(tick(parts));
    const sent = await world.relay();
    const [hint] = world.random.shuffle(await world.due());
    if (hint === undefined && sent === 0) return count;
    if (hint !== undefined) await world.work(hint);
  }
  throw new Error(`something is due for ever: ${await stateOf(world.ledger)}`);
};

/** The longest a piece of work may take, and how finely time passes meanwhile. */
const workWithinMs = 120_000;
const grainMs = 250;

const during = async <Value>(
  clock: VirtualClock,
  work: Promise<Value>,
  isStopped: () => boolean,
): Promise<Value> => {
  let over = false;
  const ended = work.finally(() => (over = true));
  ended.catch(() => undefined);
  await clock.advance(0);
  for (let passed = 0; !over; passed += grainMs) {
    if (isStopped()) throw new Died("stopped");
    if (passed > workWithinMs) throw new Error("a piece of work does not end");
    await clock.advance(grainMs);
  }
  return await ended;
};

const report = async (
  parts: TickParts,
  signal: Partial<Signal> & Pick<Signal, "kind">,
): Promise<void> => {
  const received = await receivedIn(parts, signal);
  const { capabilities, worker } = parts;
  const heldSinceMs = parts.clock.monotonicMs();
  const admitted = await parts.ledger.admit({ signals: [received], capabilities, worker });
  for (const answer of admitted) await advanceHeld(parts, answer, heldSinceMs);
};

const stateOf = async (ledger: Ledger): Promise<string> => {
  const cases = await ledger.cases({ limit: 100, open: true });
  const views = await ledger.credentials({ limit: 100 });
  return JSON.stringify([
    ...cases.map((one) => [one.about, one.step, one.state]),
    ...views.flatMap(({ credential, active, versions }) =>
      active === undefined
        ? []
        : [
            [credential.id, active.state, active.dying, active.successor, active.done, active.open],
            versions.map(({ number, label, life }) => [number, label, life].join()),
          ],
    ),
  ]);
};
