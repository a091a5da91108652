import { producerCatalog } from "@rekey/producers";
import {
  apiRoutes,
  canonicalDigest,
  refusedSchema,
  statusOf,
  topicNames,
  type ApiRoute,
  type Refused,
} from "@rekey/contracts";
import {
  issuerId,
  signalId,
  storeId,
  type Fingerprinter,
  type OutgoingRecord,
} from "@rekey/domain";
import { issuerCatalog } from "@rekey/issuers";
import { openMemoryLedger, type MemoryLedger } from "@rekey/ledger";
import { createHealth, newId, silentLog, systemClock } from "@rekey/runtime";
import { Secret } from "@rekey/secret";
import { storeCatalog } from "@rekey/stores";
import type { z } from "zod";
import { createGateway, type Gateway, type InjectedRequest } from "./gateway.ts";
import type { GatewayOptions } from "./options.ts";

/** A gateway in front of the ledger in memory; what it appends is taken in at once. */
export interface Bench {
  readonly gateway: Gateway;
  readonly ledger: MemoryLedger;
  readonly appended: readonly OutgoingRecord[];
  readonly rung: () => number;
  /** A call of the contract with its decoded reply; throws when it is refused. */
  ask<Route extends ApiRoute>(
    route: Route,
    asked?: Asked<Route>,
  ): Promise<z.output<Route["reply"]>>;
  /** A call that must be refused. */
  refused<Route extends ApiRoute>(route: Route, asked?: Asked<Route>): Promise<Refused>;
  /** Any request at all. */
  send(request: InjectedRequest): Promise<{ readonly status: number; readonly body: unknown }>;
}

export interface Asked<Route extends ApiRoute> {
  readonly params?: z.input<Route["params"]>;
  readonly query?: z.input<Route["query"]>;
  readonly body?: z.input<Route["body"]>;
}

const pepper = { id: "local", key: Secret.fromUtf8("a pepper for tests") };
export const fingerprint: Fingerprinter = (secret) => [(secret as Secret).fingerprint(pepper)];

const warehouse = issuerId("warehouse");
const sealed = storeId("sealed");

/** Opened lazily: nothing is sent to a server that is not there. */
const issuer = issuerCatalog["postgres-role"].open({
  instance: warehouse,
  options: { admin: "env:ADMIN", endpoints: [{ name: "primary", host: "127.0.0.1", port: 1 }] },
  secrets: { admin: Secret.fromUtf8("postgres://rekey:nothing@127.0.0.1:1/postgres") },
});
const store = storeCatalog["sealed-file"].open({
  instance: sealed,
  options: { root: "/nonexistent", identities: [], readers: [], documentMode: "0600" },
  clock: systemClock,
  resolveSecret: async () => Secret.fromUtf8("none"),
});

export const controls: GatewayOptions["controls"] = [
  {
    issuer: warehouse,
    settings: { group: "rekey_control", database: "postgres" },
    store: { store: sealed, document: "rekey/control", fields: { PASSWORD: "{secret}" } },
  },
];

export const openBench = (changes: Partial<GatewayOptions> = {}): Bench => {
  const ledger = openMemoryLedger({ now: () => systemClock.now(), newId, build: "test" });
  const appended: OutgoingRecord[] = [];
  let rung = 0;
  const gateway = createGateway({
    ledger,
    sink: {
      append: async (records) => {
        appended.push(...records);
        for (const record of records) await takeIn(ledger, record);
      },
      check: async () => {},
      close: async () => {},
    },
    clock: systemClock,
    newId,
    fingerprint,
    issuers: new Map([[warehouse, issuer]]),
    stores: new Map([[sealed, store]]),
    controls: [],
    doctor: async () => [{ name: "ledger", ok: true, found: "answers" }],
    health: createHealth({ clock: systemClock, log: silentLog }),
    owner: "ann",
    log: silentLog,
    build: "test",
    onWork: () => (rung += 1),
    ...changes,
  });
  const send: Bench["send"] = async (request) => {
    const { statusCode, body } = await gateway.inject(request);
    return { status: statusCode, body: JSON.parse(body) };
  };
  return {
    gateway,
    ledger,
    appended,
    rung: () => rung,
    send,
    ask: async (route, asked = {}) => {
      const { status, body } = await send(requestOf(route, asked));
      if (status !== 200) throw new Error(`${status}: ${JSON.stringify(body)}`);
      return route.reply.parse(body) as never;
    },
    refused: async (route, asked = {}) => {
      const { status, body } = await send(requestOf(route, asked));
      if (status === 200) throw new Error(`accepted: ${JSON.stringify(body)}`);
      const refused = refusedSchema.parse(body);
      if (status !== statusOf(refused.refused)) throw new Error(`answered with ${status}`);
      return refused;
    },
  };
};

/** The request of one call, as a client of the contract writes it. */
export const requestOf = <Route extends ApiRoute>(
  { method, path }: Route,
  { params, query, body }: Asked<Route>,
): InjectedRequest => {
  const filled = path.replaceAll(/:(\w+)/g, (_, name: string) =>
    encodeURIComponent((params as Record<string, string> | undefined)?.[name] ?? ""),
  );
  const text = new URLSearchParams((query ?? {}) as Record<string, string>).toString();
  return {
    method,
    url: text === "" ? filled : `${filled}?${text}`,
    ...(method === "POST" && {
      headers: { "content-type": "application/json" },
      payload: JSON.stringify(body ?? {}),
    }),
  };
};

/** What intake does with one record, without its loop. */
const takeIn = async (ledger: MemoryLedger, record: OutgoingRecord): Promise<void> => {
  const { signals, refused } = producerCatalog.native.normalise(record.value, {
    receivedAt: systemClock.now(),
    source: { system: "api", feed: topicNames.api },
    fingerprint,
    headers: record.headers,
  });
  if (refused.length > 0) throw new Error(`intake refuses it: ${JSON.stringify(refused)}`);
  await ledger.admit({
    signals: signals.map((signal) => ({
      id: signalId(newId()),
      signal,
      canonicalDigest: canonicalDigest(signal),
      authentication: { producer: "api", method: "local-socket", trusted: true },
      coordinates: record.topic,
    })),
    capabilities: { [warehouse]: issuer.capabilities },
    worker: "test",
  });
};

/** The credentials of one service, as a document. */
export const document = () => ({
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
  credentials: [
    {
      id: "payments-db",
      identity: "payments",
      owner: "payments",
      purpose: "reads and writes payments",
      environment: "production",
      issuer: { instance: "warehouse", settings: { group: "payments", database: "payments" } },
      store: { store: "sealed", document: "payments", fields: { DATABASE_PASSWORD: "{secret}" } },
      consumers: ["payments-api"],
    },
  ],
});

export const applied = async (
  bench: Bench,
  body: Record<string, unknown> = document(),
): Promise<Bench> => {
  await bench.ask(apiRoutes.inventory.apply, { body: { document: body } });
  return bench;
};
