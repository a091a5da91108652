import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { announcementType } from "@rekey/contracts";
import { consumerId, credentialId, rotationId, storeId, type Store } from "@rekey/domain";
import { Secret } from "@rekey/secret";
import { documentPath, generateSealingKeys, storeCatalog } from "@rekey/stores";
import type { ConsumerOptions, SealedDocument } from "./consumer.ts";
import { gatewayAcknowledgements } from "./gateway/acknowledgements.ts";
import { gatewayAnnouncements } from "./gateway/announcements.ts";
import type { GatewayEndpoint } from "./gateway/gateway-call.ts";
import { openGateway, type GatewayFixture } from "./gateway.fixture.ts";
import { generateConsumerKeys, type ConsumerKeys } from "./keys.ts";
import { systemClock } from "./system-clock.ts";

export const paymentsDb = credentialId("payments-db");
export const paymentsApi = consumerId("payments-api");
export const bearer = "bearer-of-payments-api";

const address = {
  store: storeId("documents"),
  document: "team/app",
  fields: { DATABASE_URL: "postgresql://{username}:{secret}@db:5432/app" },
};

/** A real sealed-file store, a gateway and one consumer's keys; `rotate` is what Rekey does. */
export interface WorkloadFixture {
  readonly home: string;
  readonly keys: ConsumerKeys;
  readonly document: SealedDocument;
  readonly store: Store;
  readonly gateway: GatewayFixture;
  readonly problems: string[];
  /** Stages and promotes. */
  promote(version: number): Promise<void>;
  announce(version: number, sequence: number): void;
  /** Options of a consumer with short times; `pollMs` says how soon it would see a change by itself. */
  options(change?: Partial<ConsumerOptions> & { pollMs?: number }): ConsumerOptions;
  access(endpoint?: GatewayEndpoint): Pick<ConsumerOptions, "announcements" | "acknowledge">;
  close(): Promise<void>;
}

export const openWorkload = async (): Promise<WorkloadFixture> => {
  const home = await mkdtemp(join(tmpdir(), "rekey-consumer-"));
  const root = join(home, "documents");
  await mkdir(root);
  const [keys, rekey] = await Promise.all([generateConsumerKeys(), generateSealingKeys()]);
  const store = storeCatalog["sealed-file"].open({
    instance: storeId("documents"),
    options: { root, identities: ["rekey"], readers: [], documentMode: "0600" },
    clock: systemClock,
    resolveSecret: async () => rekey.identity,
  });
  const gateway = await openGateway({ ...keys.signing.publicJwk }, bearer);
  const problems: string[] = [];
  const access = (endpoint: GatewayEndpoint = { url: gateway.url }) => {
    const gate = { endpoint, bearer: async () => Secret.fromUtf8(bearer) };
    return {
      announcements: gatewayAnnouncements(gate),
      acknowledge: gatewayAcknowledgements(gate),
    };
  };
  const document = {
    path: documentPath(root, address.document),
    identity: keys.reading.identity,
    fields: ["DATABASE_URL"],
  };
  return {
    home,
    keys,
    document,
    store,
    gateway,
    problems,
    access,
    promote: (version) => promote(store, keys, version),
    announce: (version, sequence) => gateway.announce(announcementOf(version, sequence)),
    options: ({ pollMs = 20, ...change } = {}) => ({
      id: paymentsApi,
      instance: "payments-api-1",
      credential: paymentsDb,
      signingKey: keys.signing.privateJwk,
      reader: document,
      onProblem: ({ during, error }) => problems.push(`${during}: ${String(error)}`),
      limits: { pollMs, openWithinMs: 200, retryMs: 5, retryMsMax: 20 },
      ...access(),
      ...change,
    }),
    close: async () => {
      await gateway.close();
      await rm(home, { recursive: true, force: true });
    },
  };
};

const call = { signal: new AbortController().signal, deadlineMs: 10_000, key: "test" };

const promote = async (store: Store, keys: ConsumerKeys, version: number): Promise<void> => {
  const ref = { credential: paymentsDb, version };
  const readers = [keys.reading.recipient];
  const material = {
    fields: { username: `app_${version}` },
    secret: Secret.fromUtf8(`value-${version}`),
  };
  const staged = { ref, rotation: rotationId("r"), rotationNumber: version, material, readers };
  await store.stage(address, staged, call);
  const { current } = await store.labels(address, ref, call);
  const outcome = await store.promote(address, { ref, from: current, readers }, call);
  if (outcome === "conflict") throw new Error("the fixture's promote met a conflict");
};

const announcementOf = (version: number, sequence: number) =>
  ({
    type: announcementType,
    credential: paymentsDb,
    version,
    rotation: "01977a3e-5b5e-7c1a-8f53-0d3c6a1b2c4d",
    sequence,
    at: "2026-03-02T12:00:09.500Z",
  }) as const;
