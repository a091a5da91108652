import { Fault, type StoreAddress } from "@rekey/domain";
import { relabel } from "../rotation/open-step.ts";
import { audit } from "../rotation/turn.ts";
import { refuseNewerWorld } from "./stage.ts";
import {
  callFor,
  done,
  readersOf,
  storeOf,
  subjectOf,
  type Step,
  type StepContext,
} from "./step.ts";

/** Compare-and-set of the store's current label; readers get the new value from here on. */
export const promote: Step = async (context) => {
  const { turn } = context;
  const version = subjectOf(context);
  const before = [...turn.versions.values()].find(
    (candidate) => candidate.label === "current" && candidate.number !== version.number,
  );
  const outcome = await promoteInStore(context, before?.number);
  relabel(turn, version.number);
  audit(turn, "version.promoted", {
    reason: outcome,
    version: version.number,
    detail: { from: before?.number ?? null },
  });
  return done(outcome);
};

/** A lost worker of this very rotation may have moved readers after the plan went another way. */
const latePromotion = async (
  context: StepContext,
  address: StoreAddress,
): Promise<number | undefined> => {
  const { rotation, versions } = context.turn;
  const { credential } = rotation;
  const labels = await storeOf(context.turn)?.labels(address, { credential }, callFor(context));
  const current = versions.get(labels?.current ?? -1);
  return rotation.claimsLost > 0 && current?.rotation === rotation.id ? current.number : undefined;
};

const promoteInStore = async (context: StepContext, from: number | undefined): Promise<string> => {
  const { turn } = context;
  const store = storeOf(turn);
  const address = turn.claim.credential.store;
  if (store === undefined || address === undefined)
    return "the holder keeps the value: only the label moved";
  const ref = { credential: turn.rotation.credential, version: subjectOf(context).number };
  const ask = async (expected: number | undefined) =>
    await store.promote(
      address,
      { ref, from: expected, readers: readersOf(turn) },
      callFor(context),
    );
  let outcome = await ask(from);
  if (outcome === "conflict") {
    const late = await latePromotion(context, address);
    if (late !== undefined) outcome = await ask(late);
  }
  if (outcome === "conflict") {
    await refuseNewerWorld(turn, context);
    throw new Fault("STORE_CONFLICT");
  }
  const labels = await store.labels(address, { credential: ref.credential }, callFor(context));
  if (labels.current !== ref.version) throw new Fault("STORE_CONFLICT");
  return outcome === "promoted" ? "readers see the new value" : "it was already current";
};
