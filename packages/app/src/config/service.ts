import { gatewayListenOptions } from "@rekey/gateway";
import { kafkaOptions } from "@rekey/topics";
import { configReference as referenceOf, secretReference, withDefault } from "@rekey/runtime";
import { z } from "zod";
import { redisSection } from "./redis.ts";
import { pepper, portMax, sharedSections } from "./sections.ts";

const connectionsMax = 64;

const ledger = z.strictObject({
  url: secretReference().meta({
    description:
      "connection string of the ledger's PostgreSQL, as the role that only reads and writes rows",
  }),
  owner: secretReference().exactOptional().meta({
    description:
      "the same as the owner of the schema: only `rekey ledger migrate` reads it, by default it takes url",
  }),
  connectionsMax: withDefault(z.int().min(2).max(connectionsMax), {
    default: 8,
    description: "connections of each process at most",
    reason: "the urgent lane's eight slots; more replicas share the server's limit",
  }),
});

/** What the five services read: one file for all of them, overlaid by `REKEY_…` variables. */
export const serviceConfig = z.strictObject({
  ledger: ledger.exactOptional().meta({ description: "PostgreSQL; every kind needs it" }),
  kafka: kafkaOptions
    .exactOptional()
    .meta({ description: "signals in, audit events and announcements out" }),
  redis: redisSection.exactOptional(),
  pepper: pepper.exactOptional().meta({
    description:
      "the key that fingerprints are made with: the same in every process, kept for good",
  }),
  gateway: gatewayListenOptions.exactOptional(),
  operations: withDefault(
    z.strictObject({
      host: withDefault(z.string().min(1), {
        default: "127.0.0.1",
        description: "address for /live, /ready and /metrics",
        reason: "a probe from another machine has to be asked for",
      }),
      port: withDefault(z.int().min(0).max(portMax), {
        default: 0,
        description: "port for /live, /ready and /metrics; 0 takes a free one",
        reason: "two processes on one machine must not collide",
      }),
    }),
    { default: {}, description: "health and metrics", reason: "each process has its own" },
  ),
  ...sharedSections,
});

export type ServiceConfig = z.output<typeof serviceConfig>;

/** Rows of docs/reference/configuration.md, its part about services. */
export const serviceConfigReference = (): ReturnType<typeof referenceOf> =>
  referenceOf(serviceConfig);
