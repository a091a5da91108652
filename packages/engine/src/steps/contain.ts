import { Fault, type ProbeRecord, type Version } from "@rekey/domain";
import { audit, patchVersion } from "../rotation/turn.ts";
import { probeEverywhere } from "./probing.ts";
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
  const derivedEnded = await suspendAndSweep(context, target);
  const refused = await refusedNow(context, version);
  patchVersion(turn, version.number, {
    ...suspendedLife(version),
    suspendedAt: version.suspendedAt ?? context.seenAt(),
    ...(refused ? { containedAt: context.seenAt() } : {}),
  });
  audit(turn, "version.contained", {
    reason: refused
      ? "suspended, and refused when tried"
      : "suspended; there is no value to try it with",
    version: version.number,
    detail: { derivedEnded },
  });
  return done("contained", { derivedEnded });
};

/** True after a strong refusal, or a weak one with a negative control; false where there is nothing to try. */
const refusedNow = async (context: StepContext, version: Version): Promise<boolean> => {
  const material = context.issuer.capabilities.canProbe
    ? await materialOf(context, version)
    : undefined;
  if (material === undefined) return false;
  const probes = await probeEverywhere(context, { material, version, role: "subject" });
  if (probes.some((probe) => probe.answer === "alive")) throw new Fault("PROOF_STILL_ALIVE");
  if (probes.some((probe) => probe.answer === "unknown")) throw new Fault("PROOF_UNKNOWN");
  return (
    probes.every((probe) => probe.strength === "strong") ||
    (await bogusRefused(context, { material, version }))
  );
};

const bogusRefused = async (
  context: StepContext,
  subject: { material: Parameters<StepContext["issuer"]["bogus"]>[0]; version: Version },
): Promise<boolean> => {
  const material = context.issuer.bogus(subject.material);
  const controls: readonly ProbeRecord[] = await probeEverywhere(context, {
    material,
    version: subject.version,
    role: "negative-control",
  });
  if (controls.some((probe) => probe.answer !== "dead")) throw new Fault("PROOF_CONTROL_FAILED");
  return true;
};
