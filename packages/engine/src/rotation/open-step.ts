import type { PlannedStep, Version } from "@rekey/domain";
import { callFor, storeOf, type StepContext } from "../steps/step.ts";
import { apply, audit, patchVersion, type Turn } from "./turn.ts";

const kindsStopping: ReadonlySet<string> = new Set(["contain", "retire"]);
const kindsMoving: ReadonlySet<string> = new Set(["promote", "cutover"]);

/**
 * Before the plan goes another way than the open step: an effect whose end is not known is taken as far as it may
 * have come. A stop counts as done, so that a way back begins with its reinstatement; a move of the readers is
 * read back from the store. True when the facts have changed.
 */
export const settleOpenStep = async (context: StepContext, next: PlannedStep): Promise<boolean> => {
  const { turn } = context;
  const { open } = turn.rotation;
  if (open === undefined || open.key === next.key) return false;
  const [kind = "", subject = ""] = open.key.split("#");
  const version = turn.versions.get(Number.parseInt(subject, 10));
  if (version === undefined) return false;
  if (kindsStopping.has(kind)) return stopped(turn, version, open.key);
  return kindsMoving.has(kind) && (await moved(context, version, open.key));
};

const stopped = (turn: Turn, version: Version, key: string): boolean => {
  if (version.life !== "valid") return false;
  const { number } = version;
  patchVersion(turn, number, { life: "suspended", suspendedAt: version.suspendedAt ?? turn.now });
  const reason = "its stop was asked and may have happened";
  audit(turn, "version.suspended", { reason, version: number });
  apply(turn, { type: "confirm", key }, reason);
  return true;
};

const moved = async (context: StepContext, version: Version, key: string): Promise<boolean> => {
  const { turn } = context;
  const store = storeOf(turn);
  const address = turn.claim.credential.store;
  if (store === undefined || address === undefined || version.label === "current") return false;
  const { credential, number } = version;
  const labels = await store.labels(address, { credential }, callFor(context));
  if (labels.current !== number || version.life !== "valid") return false;
  relabel(turn, number);
  apply(turn, { type: "confirm", key }, "the store shows that it was done");
  return true;
};

/** The labels after readers were sent to a version; the one before becomes the previous. */
export const relabel = (turn: Turn, number: number): Version | undefined => {
  const before = [...turn.versions.values()].find(
    (candidate) => candidate.label === "current" && candidate.number !== number,
  );
  if (before !== undefined) patchVersion(turn, before.number, { label: "previous" });
  patchVersion(turn, number, { label: "current", promotedAt: turn.now });
  return before;
};
