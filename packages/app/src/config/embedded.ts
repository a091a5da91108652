import { configReference as referenceOf, withDefault } from "@rekey/runtime";
import { z } from "zod";
import { pepper, portMax, sharedSections } from "./sections.ts";

/** What `rekey up` reads: one file, overlaid by `REKEY_…` variables. */
export const rekeyConfig = z.strictObject({
  dataDir: withDefault(z.string().min(1), {
    default: ".rekey",
    description: "where the embedded PostgreSQL, keys and the socket live",
    reason: "beside the inventory, ignored by git",
  }),
  socket: z
    .string()
    .min(1)
    .exactOptional()
    .meta({ description: "the API's Unix socket, mode 0600; by default <dataDir>/rekey.sock" }),
  postgresPort: withDefault(z.int().min(0).max(portMax), {
    default: 0,
    description: "port of the embedded PostgreSQL on 127.0.0.1; 0 takes a free one",
    reason: "nothing outside needs to know it",
  }),
  operationsPort: withDefault(z.int().min(0).max(portMax), {
    default: 0,
    description: "port on 127.0.0.1 for /live, /ready and /metrics; 0 takes a free one",
    reason: "two instances on one machine must not collide",
  }),
  pepper: pepper.exactOptional().meta({
    description: "the key that fingerprints are made with; by default generated once in dataDir",
  }),
  ...sharedSections,
});

export type RekeyConfig = z.output<typeof rekeyConfig>;

/** Rows of docs/reference/configuration.md. */
export const configReference = (): ReturnType<typeof referenceOf> => referenceOf(rekeyConfig);
