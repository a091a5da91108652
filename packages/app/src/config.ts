import {
  configReference as referenceOf,
  duration,
  secretReference,
  withDefault,
} from "@rekey/runtime";
import { z } from "zod";

const instanceName = z.string().regex(/^[a-z0-9][a-z0-9._-]{0,62}$/);
const instancesMax = 256;
const portMax = 65_535;

const control = z
  .strictObject({
    settings: z.record(z.string(), z.unknown()),
    store: z.strictObject({
      store: instanceName,
      document: z.string().min(1),
      fields: z.record(z.string(), z.string()),
    }),
  })
  .meta({
    description:
      "the control credential of this instance: it logs in and does nothing else, and is the positive control of proofs",
  });

const issuer = z.strictObject({
  kind: z.string().min(1),
  options: z.record(z.string(), z.unknown()),
  control: control.exactOptional(),
});

const store = z.strictObject({
  kind: z.string().min(1),
  options: z.record(z.string(), z.unknown()),
});

/** What a producer may be allowed to say. Asking for a rotation or an end is for the API alone. */
export const producerKinds = ["exposure", "offboarding", "lifecycle", "usage"] as const;

const producer = z.strictObject({
  format: withDefault(z.string(), {
    default: "native",
    description: "a producer's format, by its folder's name",
    reason: "most publish Rekey's own CloudEvents",
  }),
  kinds: withDefault(z.array(z.enum(producerKinds)).min(1).max(producerKinds.length), {
    default: ["exposure"],
    description: "what it may say; anything else that it sends is refused",
    reason: "a scanner has no say in who leaves and what is removed",
  }),
  trusted: withDefault(z.boolean(), {
    default: false,
    description: "its word counts as confirmation when containment is over budget",
    reason: "a feed has to earn it",
  }),
});

const named = <Schema extends z.ZodType>(schema: Schema) =>
  z
    .record(instanceName, schema)
    .refine((entries) => Object.keys(entries).length <= instancesMax, `at most ${instancesMax}`);

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
  pepper: z.strictObject({ id: instanceName, key: secretReference() }).exactOptional().meta({
    description: "the key that fingerprints are made with; by default generated once in dataDir",
  }),
  issuers: withDefault(named(issuer), {
    default: {},
    description: "issuer instances by name",
    reason: "none is known before you name it",
  }),
  stores: withDefault(named(store), {
    default: {},
    description: "store instances by name",
    reason: "none is known before you name it",
  }),
  producers: withDefault(named(producer), {
    default: {},
    description: "producers by name: each has a topic rekey.in.<name> of its own",
    reason: "what is not named here is refused",
  }),
  watchAfter: withDefault(z.array(duration({ min: "1 s" })).max(16), {
    default: ["1 h", "24 h", "7 d"],
    description: "when a proven death is probed again",
    reason: "a credential that comes back does so soon, or with the next restore",
  }),
  logLevel: withDefault(z.enum(["debug", "info", "warn", "error"]), {
    default: "info",
    description: "least level that is written",
    reason: "state changes, once each",
  }),
});

export type RekeyConfig = z.output<typeof rekeyConfig>;

/** Rows of docs/reference/configuration.md. */
export const configReference = (): ReturnType<typeof referenceOf> => referenceOf(rekeyConfig);
