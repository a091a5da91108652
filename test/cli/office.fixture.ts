import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { canonicalDigest, topicNames } from "@rekey/contracts";
import {
  caseId,
  issuerId,
  rotationId,
  signalId,
  storeId,
  type Capabilities,
  type Case,
  type Fingerprinter,
  type Ledger,
  type OutgoingRecord,
  type Rotation,
} from "@rekey/domain";
import { createGateway, type Gateway } from "@rekey/gateway";
import { issuerCatalog } from "@rekey/issuers";
import { openMemoryLedger, type MemoryLedger } from "@rekey/ledger";
import { producerCatalog } from "@rekey/producers";
import { createHealth, newId, silentLog, systemClock } from "@rekey/runtime";
import { Secret } from "@rekey/secret";
import { storeCatalog } from "@rekey/stores";
import { stringify } from "yaml";
import { runAgainst, runOnTerminal, type Run } from "./run-cli.fixture.ts";

/** A gateway on a socket in front of the ledger in memory: reports are taken in at once, and no engine runs. */
export interface Office {
  readonly run: Run;
  onTerminal(columns: number): Run;
  readonly ledger: MemoryLedger;
  readonly gateway: Gateway;
  /** A file in a folder of its own; answers its path. */
  write(name: string, content: string): Promise<string>;
  /** Puts a case into another state, as its holder would. */
  park(id: string, state: Case["state"]): Promise<void>;
  /** Opens the rotation that a case wants, as its holder would; answers its id. */
  openRotation(about: string): Promise<string>;
  parkRotation(id: string, state: Rotation["state"]): Promise<void>;
  close(): Promise<void>;
}

const pepper = { id: "local", key: Secret.fromUtf8("a pepper for tests") };
export const fingerprint: Fingerprinter = (secret) => [(secret as Secret).fingerprint(pepper)];

const issuer = issuerCatalog["postgres-role"].open({
  instance: issuerId("warehouse"),
  options: { admin: "env:ADMIN", endpoints: [{ name: "primary", host: "127.0.0.1", port: 1 }] },
  secrets: { admin: Secret.fromUtf8("postgres://rekey:nothing@127.0.0.1:1/postgres") },
});
const store = storeCatalog["sealed-file"].open({
  instance: storeId("sealed"),
  options: { root: "/nonexistent", identities: [], readers: [], documentMode: "0600" },
  clock: systemClock,
  resolveSecret: async () => Secret.fromUtf8("none"),
});

const capabilities = { [issuer.instance]: issuer.capabilities };

const nextOfDoctor = "check the network path and the provider's own health";

export const openOffice = async (): Promise<Office> => {
  const folder = await mkdtemp(join(tmpdir(), "rekey-cli-"));
  const ledger = openMemoryLedger({ now: () => systemClock.now(), newId, build: "test" });
  const gateway = createGateway({
    ledger,
    sink: {
      append: async (records) => {
        for (const record of records) await takeIn(ledger, record, capabilities);
      },
      check: async () => {},
      close: async () => {},
    },
    clock: systemClock,
    newId,
    fingerprint,
    issuers: new Map([[issuer.instance, issuer]]),
    stores: new Map([[store.instance, store]]),
    controls: [],
    doctor: async () => [
      { name: "ledger", ok: true, found: "answers in 1 ms" },
      { name: "issuer warehouse", ok: false, found: "PROVIDER_UNREACHABLE", next: nextOfDoctor },
    ],
    health: createHealth({ clock: systemClock, log: silentLog }),
    owner: "ann",
    log: silentLog,
    build: "test",
    onWork: () => {},
  });
  const socketPath = join(folder, "rekey.sock");
  await gateway.listen({ socketPath });
  return {
    run: runAgainst(socketPath),
    onTerminal: (columns) => runOnTerminal(socketPath, columns),
    ledger,
    gateway,
    write: async (name, content) => {
      await writeFile(join(folder, name), content);
      return join(folder, name);
    },
    park: async (id, state) => await park(ledger, id, state),
    openRotation: async (about) => await openRotation(ledger, about),
    parkRotation: async (id, state) => await parkRotation(ledger, id, state),
    close: async () => {
      await gateway.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
};

/** What intake does with one record of the API, without its loop. */
export const takeIn = async (
  ledger: Ledger,
  record: OutgoingRecord,
  known: Readonly<Record<string, Capabilities>>,
): Promise<void> => {
  const { signals } = producerCatalog.native.normalise(record.value, {
    receivedAt: systemClock.now(),
    source: { system: "api", feed: topicNames.api },
    fingerprint,
    headers: record.headers,
  });
  await ledger.admit({
    signals: signals.map((signal) => ({
      id: signalId(newId()),
      signal,
      canonicalDigest: canonicalDigest(signal),
      authentication: { producer: "api", method: "local-socket", trusted: true },
      coordinates: record.topic,
    })),
    capabilities: known,
    worker: "test",
  });
};

const park = async (ledger: MemoryLedger, id: string, state: Case["state"]): Promise<void> => {
  const claim = await ledger.claimCase({ id: caseId(id), worker: "test" });
  if (claim === undefined) throw new Error("the case cannot be claimed");
  await ledger.recordCase(claim.hold, {
    case: { ...claim.case, state },
    items: [],
    openings: [],
    inputsConsumed: [],
    obligations: [],
    audit: [],
    notices: [],
    release: true,
  });
};

const nothingElse = { inputsConsumed: [], obligations: [], audit: [], notices: [], release: true };

const openRotation = async (ledger: MemoryLedger, about: string): Promise<string> => {
  const found = (await ledger.cases({ limit: 10 })).find((one) => one.about === about);
  const claim = found && (await ledger.claimCase({ id: found.id, worker: "test" }));
  const item = claim?.items[0];
  if (claim === undefined || item === undefined) throw new Error(`${about} has nothing to open`);
  const { credential, wanted } = item;
  const cause = { ...claim.case.cause, case: claim.case.id };
  const opening = { credential, cause, exposed: [], wanted, mode: "act", approved: false } as const;
  const commit = { ...nothingElse, case: claim.case, items: [item], openings: [opening] };
  const recorded = await ledger.recordCase(claim.hold, commit);
  return recorded?.items[0]?.rotation ?? "";
};

const parkRotation = async (
  ledger: MemoryLedger,
  id: string,
  state: Rotation["state"],
): Promise<void> => {
  const claim = await ledger.claimRotation({ id: rotationId(id), worker: "test" });
  if (claim === undefined) throw new Error("the rotation cannot be claimed");
  const rotation = { ...claim.rotation, state };
  const rest = { versions: [], effects: [], watches: [], wakeCases: [] };
  await ledger.recordRotation(claim.hold, { ...nothingElse, ...rest, rotation });
};

/** An inventory.yaml of two credentials. */
export const inventoryYaml = (changes: Readonly<Record<string, unknown>> = {}): string =>
  stringify({
    identities: [
      { id: "payments", kind: "service" },
      { id: "acme", kind: "partner", aliases: [{ scheme: "externalId", value: "partner-acme" }] },
    ],
    consumers: [
      {
        id: "payments-api",
        identity: "payments",
        environment: "production",
        service: "payments-api",
      },
    ],
    credentials: ["payments-db", "orders-db"].map((id) => ({
      id,
      identity: "payments",
      owner: "payments",
      purpose: "reads and writes payments",
      environment: "production",
      issuer: { instance: "warehouse", settings: { group: "payments", database: "payments" } },
      store: { store: "sealed", document: id, fields: { DATABASE_PASSWORD: "{secret}" } },
      consumers: ["payments-api"],
    })),
    ...changes,
  });

/** Applies the inventory, which has to go well. */
export const applyAll = async (run: Run): Promise<void> => {
  const { code, err } = await run("apply -f - --yes", inventoryYaml());
  if (code !== 0) throw new Error(err);
};

/** Reports payments-db as exposed; answers its case. */
export const leakOf = async (run: Run): Promise<string> => {
  await run("report exposure --credential payments-db --reason seen");
  const [opened] = (await jsonOf<{ cases: { id: string }[] }>(run, "case list --json")).cases;
  if (opened === undefined) throw new Error("no case was opened");
  return opened.id;
};

export const jsonOf = async <Shape>(run: Run, words: string): Promise<Shape> =>
  JSON.parse((await run(words)).out) as Shape;
