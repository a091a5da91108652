import {
  failedControl,
  Fault,
  type Material,
  type ProviderVersion,
  type Version,
} from "@rekey/domain";
import { audit, patchVersion } from "../rotation/turn.ts";
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
  const { derivedEnded, value } = await stopAndRead(context, { version, target });
  const refused = await refusedNow(context, version, value());
  patchVersion(turn, version.number, {
    ...suspendedLife(version),
    suspendedAt: version.suspendedAt ?? context.seenAt(),
    ...(refused ? { containedAt: context.seenAt() } : {}),
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

interface Stopped {
  readonly derivedEnded: number;
  /** What the version is tried with; throws what the store answered instead. */
  readonly value: () => Material | undefined;
}

/** The value is read while the version is stopped: a store that is slow or away delays no stop. */
const stopAndRead = async (
  context: StepContext,
  { version, target }: { readonly version: Version; readonly target: ProviderVersion },
): Promise<Stopped> => {
  let derivedEnded = 0;
  let value: Stopped["value"] = () => undefined;
  await context.turn.parts.parallel([
    async () => {
      derivedEnded = await suspendAndSweep(context, target);
    },
    async () => {
      value = await readValue(context, version);
    },
  ]);
  return { derivedEnded, value };
};

const readValue = async (context: StepContext, version: Version): Promise<Stopped["value"]> => {
  if (!context.issuer.capabilities.canProbe) return () => undefined;
  try {
    const material = await materialOf(context, version);
    return () => material;
  } catch (error) {
    return () => {
      throw error;
    };
  }
};

/** True after a strong refusal, or a weak one between controls; false where there is nothing that tells. */
const refusedNow = async (
  context: StepContext,
  version: Version,
  material: Material | undefined,
): Promise<boolean> => {
  if (material === undefined) return false;
  const probes = await probeEverywhere(context, { material, version, role: "subject" });
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
