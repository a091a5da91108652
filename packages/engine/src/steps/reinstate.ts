import { Fault } from "@rekey/domain";
import { audit, patchVersion } from "../rotation/turn.ts";
import { callFor, done, providerVersionOf, subjectOf, type Step } from "./step.ts";

/** Undo: makes a suspended version valid again; a proof of its death is void. Never planned for an exposed one. */
export const reinstate: Step = async (context) => {
  const version = subjectOf(context);
  const target = providerVersionOf(context, version);
  if (target === undefined) throw new Fault("PROVIDER_UNSURE");
  await context.issuer.reinstate(target, callFor(context));
  if (version.life === "suspended") {
    const {
      suspendedAt: _lifted,
      containedAt: _reopened,
      provenDeadAt: _past,
      proof: _stale,
      ...rest
    } = version;
    context.turn.versions.set(version.number, { ...rest, life: "valid" });
    patchVersion(context.turn, version.number, {});
  }
  audit(context.turn, "version.reinstated", {
    reason: "the rotation is undone",
    version: version.number,
  });
  return done("valid again");
};
