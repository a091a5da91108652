import {
  failedControl,
  Fault,
  type Material,
  type ProviderVersion,
  type Version,
} from "@rekey/domain";
import { audit, patchVersion } from "../rotation/turn.ts";
import { noProbes, prepareProbes, type PreparedProbes } from "./prepared-probes.ts";
import { controlsFor, probeEach, probeEverywhere } from "./probing.ts";
import {
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
  const { derivedEnded, refused } = await stopAndTry(context, { version, target });
  patchVersion(turn, version.number, {
    ...suspendedLife(version),
    suspendedAt: version.suspendedAt ?? context.seenAt(),
    ...(refused ? { containedAt: context.overAt() } : {}),
  });
  audit(turn, "version.contained", {
    reason: refused
      ? "suspended, and refused when tried"
      : "suspended; nothing that it is tried with tells more before its proof",
    version: version.number,
    detail: { derivedEnded },
  });
  return done("contained", { derivedEnded });
};

interface Subject {
  readonly version: Version;
  readonly target: ProviderVersion;
}

/** What the version is tried with, and the tries that have begun. */
interface Readied {
  /** Throws what the store answered instead. */
  readonly value: () => Material | undefined;
  readonly probes: PreparedProbes;
}

/**
 * The value is read, and its tries begin, while the version is stopped: a store or an endpoint that is slow or away
 * delays no stop. The tries end after the stop.
 */
const stopAndTry = async (
  context: StepContext,
  { version, target }: Subject,
): Promise<{ readonly derivedEnded: number; readonly refused: boolean }> => {
  let derivedEnded = 0;
  let isOver = false;
  let readied: Readied = { value: () => undefined, probes: noProbes };
  try {
    await context.turn.parts.parallel([
      async () => {
        derivedEnded = await suspendAndSweep(context, target);
      },
      async () => {
        readied = await ready(context, version);
        // The stop has failed meanwhile, and nobody waits.
        if (isOver) readied.probes.drop();
      },
    ]);
    return { derivedEnded, refused: await refusedNow(context, version, readied) };
  } finally {
    isOver = true;
    readied.probes.drop();
  }
};

const ready = async (context: StepContext, version: Version): Promise<Readied> => {
  if (!context.issuer.capabilities.canProbe) return { value: () => undefined, probes: noProbes };
  try {
    const material = await materialOf(context, version);
    return { value: () => material, probes: prepareProbes(context, material) };
  } catch (error) {
    const value = (): never => {
      throw error;
    };
    return { value, probes: noProbes };
  }
};

/** True after a strong refusal, or a weak one between controls; false where there is nothing that tells. */
const refusedNow = async (
  context: StepContext,
  version: Version,
  { value, probes: prepared }: Readied,
): Promise<boolean> => {
  const material = value();
  if (material === undefined) return false;
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
