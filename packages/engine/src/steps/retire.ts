import { Fault, type Version } from "@rekey/domain";
import { audit, patchVersion } from "../rotation/turn.ts";
import { isEntryOf, showsInTime } from "./listing.ts";
import {
  done,
  providerVersionOf,
  subjectOf,
  suspendedLife,
  type Step,
  type StepContext,
} from "./step.ts";
import { suspendAndSweep } from "./suspending.ts";

/** Suspends a dying version: still reversible. Confirmed by what the provider lists. */
export const retire: Step = async (context) => {
  const { turn } = context;
  const version = subjectOf(context);
  const target = providerVersionOf(context, version);
  if (target === undefined) return done("nothing of it is at the provider");
  const derivedEnded = await suspendAndSweep(context, target);
  await confirmSuspended(context, version);
  patchVersion(turn, version.number, {
    ...suspendedLife(version),
    suspendedAt: version.suspendedAt ?? context.seenAt(),
  });
  audit(turn, "version.suspended", {
    reason: "suspended at the issuer",
    version: version.number,
    detail: { derivedEnded },
  });
  return done("suspended", { derivedEnded });
};

const confirmSuspended = async (context: StepContext, version: Version): Promise<void> => {
  if (!context.issuer.capabilities.canEnumerate) return;
  const stopped = await showsInTime(
    context,
    ({ entries }) =>
      !entries.some((entry) => isEntryOf(context.turn, entry, version) && entry.state === "valid"),
  );
  if (!stopped) throw new Fault("PROOF_STILL_ALIVE");
};
