import { Fault, probeRepeats, type Material, type Version } from "@rekey/domain";
import { audit } from "../rotation/turn.ts";
import { probeEverywhere, probeRounds } from "./probing.ts";
import {
  callFor,
  done,
  materialOf,
  providerVersionOf,
  subjectOf,
  type Step,
  type StepContext,
} from "./step.ts";

/** K logins with the new value at every endpoint, and the privileges and settings of the old one. */
export const verify: Step = async (context) => {
  const version = subjectOf(context);
  const { turn, issuer } = context;
  await samePrivileges(context);
  if (!issuer.capabilities.canProbe) return done("the provider lists it; it cannot be tried");
  const material = await materialOf(context, version);
  if (material === undefined) throw new Fault("STORE_VALUE_MISSING");
  await settled(context, { material, version });
  const { probes } = await probeRounds(context, async () => {
    const round = await probeEverywhere(context, { material, version, role: "positive-control" });
    const refused = round.find((probe) => probe.answer === "dead");
    if (refused !== undefined) throw new Fault("VERIFY_REFUSED", { providerCode: refused.code });
    if (round.some((probe) => probe.answer === "unknown")) throw new Fault("PROOF_UNKNOWN");
    return round;
  });
  audit(turn, "version.verified", {
    reason: "logins with the new value succeeded",
    version: version.number,
    detail: { logins: probes.length },
  });
  return done(
    `${probeRepeats(issuer.capabilities.propagationMs)} logins at each of ${issuer.vantages.length} endpoints`,
  );
};

/** Looks between two tries of a value that is not valid everywhere yet. */
const settlingLooks = 4;

/** Where changes take time, a refusal within that time is not yet an answer. */
const settled = async (
  context: StepContext,
  tried: { readonly material: Material; readonly version: Version },
): Promise<void> => {
  const { propagationMs } = context.issuer.capabilities;
  if (propagationMs === 0) return;
  for (let look = 0; look < settlingLooks; look += 1) {
    const round = await probeEverywhere(context, { ...tried, role: "positive-control" });
    if (round.every((probe) => probe.answer === "alive")) return;
    const { clock } = context.turn.parts;
    await clock.sleep(propagationMs / settlingLooks, context.turn.kept.signal);
  }
};

const samePrivileges = async (context: StepContext): Promise<void> => {
  const { turn, issuer } = context;
  const older = [...turn.versions.values()].find(
    (version) => version.label === "current" && version.life === "valid",
  );
  const newer = subjectOf(context);
  if (older === undefined || older.number === newer.number) return;
  const [before, after] = [older, newer].map((version) => providerVersionOf(context, version));
  if (before === undefined || after === undefined) throw new Fault("PROVIDER_UNSURE");
  const differences = await issuer.comparePrivileges(before, after, callFor(context));
  turn.issuerAnswered = true;
  if (differences.length > 0)
    throw new Fault("VERIFY_PRIVILEGES", {
      providerCode: differences.map((difference) => difference.path).join(","),
    });
};
