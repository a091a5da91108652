import { reservedProducers } from "@rekey/contracts";
import { duration, secretReference, withDefault } from "@rekey/runtime";
import { z } from "zod";

const instanceName = z.string().regex(/^[a-z0-9][a-z0-9._-]{0,62}$/);
const instancesMax = 256;
export const portMax = 65_535;

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

const callsAtOnce = (lane: string, fallback: number) =>
  withDefault(z.int().min(1).max(10_000), {
    default: fallback,
    description: `calls of the ${lane} lane at once, over all processes that call it`,
    reason: "more than one process has under way; only several are bounded",
  });

const issuer = z.strictObject({
  kind: z.string().min(1),
  options: z.record(z.string(), z.unknown()),
  control: control.exactOptional(),
  calls: withDefault(
    z.strictObject({
      urgent: callsAtOnce("urgent", 32),
      planned: callsAtOnce("planned", 64),
      sweep: callsAtOnce("sweep", 8),
    }),
    {
      default: {},
      description: "how much is asked of this instance at once; each live process has its share",
      reason: "a provider's limit is one for all of Rekey",
    },
  ),
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

const noneReserved = (producers: Readonly<Record<string, unknown>>): boolean =>
  !reservedProducers.some((name) => Object.hasOwn(producers, name));
const reservedReason = `${reservedProducers.join(" and ")} are topics of the API and of consumers`;

export const pepper = z.strictObject({ id: instanceName, key: secretReference() });

/** What stands in the configuration of every way to run Rekey. */
export const sharedSections = {
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
  producers: withDefault(named(producer).refine(noneReserved, reservedReason), {
    default: {},
    description: "producers by name: each has a topic rekey.in.<name> of its own",
    reason: "what is not named here is refused",
  }),
  watchAfter: withDefault(z.array(duration({ min: "1 s" })).max(16), {
    default: ["1 h", "24 h", "7 d"],
    description: "when a proven death is probed again",
    reason: "a credential that comes back does so soon, or with the next restore",
  }),
  instancesKeptMs: withDefault(duration({ min: "1 d" }), {
    default: "30 d",
    description: "how long an instance of a consumer is remembered after it was last heard from",
    reason: "every pod leaves a name of its own; a drain asks those of the last 15 min",
  }),
  logLevel: withDefault(z.enum(["debug", "info", "warn", "error"]), {
    default: "info",
    description: "least level that is written",
    reason: "state changes, once each",
  }),
};

const shared = z.strictObject(sharedSections);

/** What the wiring of process kinds reads, however Rekey runs. */
export type SharedConfig = z.output<typeof shared> & { readonly pepper?: z.output<typeof pepper> };
