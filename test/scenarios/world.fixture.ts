import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { canonicalDigest } from "@rekey/contracts";
import {
  credentialId,
  identityId,
  issuerId,
  lanes,
  localActor,
  policyDefaults,
  policyName,
  signalId,
  storeId,
  type Case,
  type Consumer,
  type Credential,
  type EventSink,
  type Inventory,
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
import { issuerCatalog } from "@rekey/issuers";
import { createMemoryJobs } from "@rekey/jobs";
import { newId, systemClock } from "@rekey/runtime";
import { Secret } from "@rekey/secret";
import { storeCatalog } from "@rekey/stores";
import { dedicatedServer } from "@rekey/testkit";
import { Decrypter, generateX25519Identity } from "age-encryption";
import pg from "pg";

/** A credential as a scenario needs it: everything else has a plain default. */
export interface CredentialSketch {
  readonly id: string;
  readonly identity?: string;
  readonly environment?: string;
  readonly consumers?: readonly string[];
  readonly endsWith?: "deployment";
  readonly control?: boolean;
}

export interface World {
  readonly parts: TickParts;
  readonly issuer: Issuer;
  readonly store: Store;
  readonly sent: OutgoingRecord[];
  readonly notices: Notice[];
  readonly crash: { at: string | undefined };
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
  /** What a reader that knows nothing of Rekey finds in the document. */
  read(credential: string): Promise<{ username: string; password: string }>;
  /** A login outside the engine: undefined when let in, else the server's code. */
  login(value: { username: string; password: string }): Promise<string | undefined>;
  roles(): Promise<readonly string[]>;
  /** The target server's own administrator, as somebody outside Rekey would act. */
  sql(statement: string): Promise<void>;
  readonly target: { kill(): Promise<void>; restart(): Promise<void> };
  close(): Promise<void>;
}

/** Thrown by a failpoint: the worker dies here, its hold stays. */
export class Crash extends Error {}

const group = "payments_group";

/** The ledger under test, and how its clock is moved on while everything waits (a real one moves by itself). */
export interface LedgerUnderTest {
  readonly ledger: Ledger;
  readonly moveOn: (milliseconds: number) => void;
}

export const openWorld = async (openLedger: () => Promise<LedgerUnderTest>): Promise<World> => {
  const server = await dedicatedServer();
  const root = await mkdtemp(join(tmpdir(), "rekey-world-"));
  const identity = await generateX25519Identity();
  // A pool, because a test may kill the server under it.
  const admin = new pg.Pool({ connectionString: server.url(), max: 1 });
  admin.on("error", () => undefined);
  await admin.query(`create role ${group} nologin`);
  const { ledger, moveOn } = await openLedger();
  const issuer = issuerCatalog["postgres-role"].open({
    instance: issuerId("payments-db"),
    options: {
      admin: "env:ADMIN",
      endpoints: [{ name: "primary", host: "127.0.0.1", port: server.connection.port }],
    },
    secrets: { admin: Secret.fromUtf8(server.url()) },
  });
  const store = storeCatalog["sealed-file"].open({
    instance: storeId("local"),
    options: storeCatalog["sealed-file"].optionsSchema.parse({ root, identities: ["env:AGE"] }),
    clock: systemClock,
    resolveSecret: async () => await Promise.resolve(Secret.fromUtf8(identity)),
  });
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
    apply: async (sketches, policy = {}, consumers = []) =>
      void (await ledger.applyInventory({
        inventory: inventoryOf(sketches, policy, consumers),
        actor: localActor("operator"),
        reason: "test",
      })),
    report: async (signal) => await report(parts, signal),
    restart: async () => void (await ledger.endForeignHolds({ worker: "another" })),
    until: async (check, withinMs = 20_000) =>
      await workUntil({ parts, relay, check, withinMs, moveOn }),
    cases: async () => await ledger.cases({ limit: 100 }),
    read: async (credential) => {
      const opened = new Decrypter();
      opened.addIdentity(identity);
      const text = await opened.decrypt(await readFile(join(root, `${credential}.age`)), "text");
      return JSON.parse(text) as { username: string; password: string };
    },
    login: async ({ username, password }) =>
      await tryLogin(server.connection.port, { username, password }),
    roles: async () => {
      const found = await admin.query<{ rolname: string }>(
        "select rolname from pg_roles where rolcanlogin and rolname not in ('postgres') and rolname not like 'pg\\_%' order by 1",
      );
      return found.rows.map((row) => row.rolname);
    },
    sql: async (statement) => void (await admin.query(statement)),
    target: { kill: async () => await server.kill(), restart: async () => await server.restart() },
    close: async () => {
      await issuer.close();
      await store.close();
      await ledger.close();
      await admin.end();
      await server.dispose();
      await rm(root, { recursive: true, force: true });
    },
  };
};

const tryLogin = async (
  port: number,
  value: { username: string; password: string },
): Promise<string | undefined> => {
  const client = new pg.Client({
    host: "127.0.0.1",
    port,
    user: value.username,
    password: value.password,
    database: "postgres",
    connectionTimeoutMillis: 5_000,
  });
  client.on("error", () => undefined);
  try {
    await client.connect();
    return undefined;
  } catch (error) {
    return (error as { code?: string }).code ?? "no answer";
  } finally {
    await client.end().catch(() => undefined);
  }
};

interface Given {
  readonly ledger: Ledger;
  readonly issuer: Issuer;
  readonly store: Store;
  readonly crash: World["crash"];
}

const partsOf = ({ ledger, issuer, store, crash }: Given): TickParts => {
  const pepper = { id: "test", key: Secret.fromUtf8("pepper-of-the-scenarios") };
  const silent = (): void => undefined;
  return {
    ledger,
    issuers: new Map([[issuer.instance, issuer]]),
    stores: new Map([[store.instance, store]]),
    clock: systemClock,
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
    admitted: () => undefined,
    dispatcher: createMemoryJobs({ clock: systemClock }).open(),
    kinds: ["rotator"],
    build: "test",
    digest: canonicalDigest,
  };
};

const relayPartsOf = (
  parts: TickParts,
  { sent, notices }: { sent: OutgoingRecord[]; notices: Notice[] },
): RelayParts => {
  const sink: EventSink = {
    append: async (records) => void (await Promise.resolve(sent.push(...records))),
    check: async () => {},
    close: async () => {},
  };
  return {
    ...parts,
    sink,
    notifier: { notify: async (notice) => void (await Promise.resolve(notices.push(notice))) },
    parseNotice: (entry) => JSON.parse(entry.value) as Notice,
  };
};

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
  for (const { urgent } of admitted)
    if (urgent !== undefined) await advanceHeld(parts, urgent).catch(swallowCrash);
};

const swallowCrash = (error: unknown): void => {
  if (!(error instanceof Crash)) throw error;
};

interface Working {
  readonly parts: TickParts;
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
    await relayAll(relay);
    moveOn(roundMs);
  }
};

const inventoryOf = (
  sketches: readonly CredentialSketch[],
  policy: Partial<Policy>,
  consumers: readonly Consumer[],
): Inventory => ({
  identities: [
    "team",
    "rekey",
    ...new Set(sketches.map((sketch) => sketch.identity ?? "payments")),
  ].map((id) => ({ id: identityId(id), kind: "service", aliases: [], active: true })),
  policies: [{ name: policyName("standard"), ...policyDefaults, reversibleForMs: 0, ...policy }],
  consumers,
  grants: [],
  credentials: sketches.map((sketch): Credential => ({
    id: credentialId(sketch.id),
    identity: identityId(sketch.identity ?? "payments"),
    owner: identityId("team"),
    purpose: "a scenario",
    environment: sketch.environment ?? "production",
    criticality: "normal",
    issuer: { instance: issuerId("payments-db"), settings: { group, database: "postgres" } },
    store: {
      store: storeId("local"),
      document: sketch.id,
      fields: { username: "{username}", password: "{secret}" },
    },
    consumers: consumers
      .filter((consumer) => sketch.consumers?.includes(consumer.id) === true)
      .map((consumer) => consumer.id),
    policy: policyName("standard"),
    exclusive: true,
    protected: false,
    control: sketch.control === true,
    declared: true,
    ended: false,
    ...(sketch.endsWith === undefined ? {} : { endsWith: sketch.endsWith }),
  })),
});

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
