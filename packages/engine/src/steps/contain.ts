import {
  failedControl,
  Fault,
  type AuditEventType,
  type Material,
  type ProviderVersion,
  type Version,
} from "@rekey/domain";
import { audit, patchVersion } from "../rotation/turn.ts";
import type { PreparedProbes } from "./prepared-probes.ts";
import { controlsFor, probeEach, probeEverywhere } from "./probing.ts";
import { nothingReadied, ready, type Readied } from "./readied.ts";
import {
  callFor,
  done,
  materialOf,
  providerVersionOf,
  subjectOf,
  suspendedLife,
  type Step,
  type StepContext,
} from "./step.ts";
import { suspendAndSweep } from "./suspending.ts";

/** Stops the use of an exposed version now, and of what was derived from it; confirmed by trying it. */
export const contain: Step = async (context) => {
  const { turn } = context;
  const version = subjectOf(context);
  const target = providerVersionOf(context, version);
  if (target === undefined) return done("nothing of it is at the provider");
  const { derivedEnded, found } = await stopAndTry(context, { version, target });
  patchVersion(turn, version.number, {
    ...suspendedLife(version),
    suspendedAt: version.suspendedAt ?? context.seenAt(),
    ...(found === "refused" ? { containedAt: context.overAt() } : {}),
  });
  const { type, reason } = words[found];
  audit(turn, type, { reason, version: version.number, detail: { derivedEnded } });
  return done(found === "not tried" ? reason : "contained", { derivedEnded });
};

/** What the try after the stop showed. Not tried: its store gave no value, and the proof of death will try it. */
type Found = "refused" | "nothing" | "not tried";

const words = {
  refused: { type: "version.contained", reason: "suspended, and refused when tried" },
  nothing: {
    type: "version.contained",
    reason: "suspended; nothing that it is tried with tells more before its proof",
  },
  "not tried": {
    type: "version.suspended",
    reason: "suspended, not tried yet: the store is away",
  },
} as const satisfies Record<Found, { readonly type: AuditEventType; readonly reason: string }>;

interface Subject {
  readonly version: Version;
  readonly target: ProviderVersion;
}

/**
 * The value is read, and its tries begin, while the version is stopped, where that did not begin while intake's commit
 * was under way: a store or an endpoint that is slow or away delays no stop. The tries end after the stop.
 */
const stopAndTry = async (
  context: StepContext,
  { version, target }: Subject,
): Promise<{ readonly derivedEnded: number; readonly found: Found }> => {
  let derivedEnded = 0;
  let isOver = false;
  let readied = nothingReadied;
  try {
    await context.turn.parts.parallel([
      async () => {
        derivedEnded = await suspendAndSweep(context, target);
      },
      async () => {
        readied = await (context.ahead?.take(version.number) ?? readyNow(context, version));
        // The stop has failed meanwhile, and nobody waits.
        if (isOver) readied.probes.drop();
      },
    ]);
    return { derivedEnded, found: await tryNow(context, version, readied) };
  } finally {
    isOver = true;
    readied.probes.drop();
  }
};

const readyNow = async (context: StepContext, version: Version): Promise<Readied> =>
  await ready({
    issuer: context.issuer,
    read: async () => await materialOf(context, version),
    call: () => callFor(context),
  });

/** A store that is away hides no stop that has happened: people read of it, and the successor's way begins. */
const tryNow = async (
  context: StepContext,
  version: Version,
  { value, probes }: Readied,
): Promise<Found> => {
  let material: Material | undefined;
  try {
    material = value();
  } catch (error) {
    if (!isStoreAway(error) || context.turn.kept.signal.aborted) throw error;
    return "not tried";
  }
  if (material === undefined) return "nothing";
  return (await refusedNow(context, version, { material, probes })) ? "refused" : "nothing";
};

const isStoreAway = (error: unknown): boolean =>
  error instanceof Fault && error.code.startsWith("STORE_") && error.action === "retry";

/** True after a strong refusal, or a weak one between controls; false where there is nothing that tells. */
const refusedNow = async (
  context: StepContext,
  version: Version,
  { material, probes: prepared }: { readonly material: Material; readonly probes: PreparedProbes },
): Promise<boolean> => {
  const tried = { material, version, role: "subject" as const };
  const probes = await probeEverywhere(context, tried, prepared);
  if (probes.some((probe) => probe.answer === "alive")) throw new Fault("PROOF_STILL_ALIVE");
  if (probes.some((probe) => probe.answer === "unknown")) throw new Fault("PROOF_UNKNOWN");
  return (
    probes.every((probe) => probe.strength === "strong") || (await controlsHold(context, version))
  );
};

/** It is stopped whatever the controls say, and its successor must not wait for them: the proof of death will. */
const controlsHold = async (context: StepContext, version: Version): Promise<boolean> => {
  const { issuer, turn } = context;
  try {
    const probes = await probeEach(context, await controlsFor(context, version));
    return issuer.vantages.every((vantage) => failedControl(probes, vantage) === undefined);
  } catch (error) {
    if (!(error instanceof Fault) || turn.kept.signal.aborted) throw error;
    return false;
  }
};
