import { Fault, type Material, type Version } from "@rekey/domain";
import { addVersion, audit, patchVersion, versionOf, type Turn } from "../rotation/turn.ts";
import { giveUp } from "./lost-mint.ts";
import {
  callFor,
  done,
  materialOf,
  readersOf,
  storeOf,
  type Step,
  type StepContext,
} from "./step.ts";

/** The version as planned: written with the intent, so that a crash can find what it was about to make. */
export const planVersionRow = (context: StepContext): void => {
  const { turn, step } = context;
  const number = step.version ?? -1;
  if (turn.versions.has(number)) return;
  const { credential } = turn.claim;
  const principal = context.issuer.principalOf(
    { credential: credential.id, version: number },
    credential.issuer.settings,
  );
  const planned: Version = {
    credential: credential.id,
    number,
    label: "pending",
    life: "planned",
    rotation: turn.rotation.id,
    marked: false,
    fingerprints: [],
    staged: false,
    ...(principal === undefined ? {} : { principal }),
  };
  addVersion(turn, planned);
  audit(turn, "version.planned", { reason: "the rotation's new version", version: number });
};

/** Puts the value into the store as pending. What is already kept there wins: a value is never generated twice. */
export const stage: Step = async (context) => {
  const { turn, step } = context;
  const number = step.version ?? -1;
  const store = storeOf(turn);
  const address = turn.claim.credential.store;
  if (store === undefined || address === undefined) return done("the credential has no store");
  const ref = { credential: turn.rotation.credential, version: number };
  await refuseNewerWorld(turn, context);
  const kept = await store.read(address, ref, callFor(context));
  if (kept !== undefined && kept.rotation !== versionOf(turn, number).rotation)
    throw new Fault("LEDGER_BEHIND_WORLD");
  const material =
    kept?.material ?? context.inMemory.get(number) ?? (await freshMaterial(context, number));
  if (material === undefined)
    return giveUp(turn, [number], "its value was shown once, and lost before it was kept");
  const { rotation } = turn;
  await store.stage(
    address,
    {
      ref,
      rotation: rotation.id,
      rotationNumber: rotation.number,
      material,
      readers: readersOf(turn),
    },
    callFor(context),
  );
  await confirmStaged(context, number, material);
  return done(
    kept === undefined
      ? "a new value is kept as pending"
      : "the value that was already kept is used",
  );
};

/** Undefined where the issuer chose the value: it is not shown a second time. */
const freshMaterial = async (
  context: StepContext,
  number: number,
): Promise<Material | undefined> => {
  const { turn, issuer } = context;
  if (issuer.capabilities.secretChosenBy !== "rekey") return undefined;
  return await issuer.propose(
    { credential: turn.rotation.credential, version: number },
    turn.claim.credential.issuer.settings,
  );
};

/** Read back, because a store's "written" is not yet "readable". */
const confirmStaged = async (
  context: StepContext,
  number: number,
  material: Material,
): Promise<void> => {
  const { turn } = context;
  context.inMemory.delete(number);
  const readBack = await materialOf(context, turn.versions.get(number) ?? raiseMissing());
  if (readBack === undefined) throw new Fault("STORE_VALUE_MISSING");
  if (!readBack.secret.equals(material.secret)) throw new Fault("STORE_CONFLICT");
  patchVersion(turn, number, {
    staged: true,
    fingerprints: turn.parts.fingerprint(readBack.secret),
  });
  audit(turn, "version.staged", { reason: "read back from the store", version: number });
};

const raiseMissing = (): never => {
  throw new Fault("STORE_VALUE_MISSING");
};

/** A store or provider that shows a newer rotation than ours means that the ledger is older than the world. */
export const refuseNewerWorld = async (turn: Turn, context: StepContext): Promise<void> => {
  const store = storeOf(turn);
  const address = turn.claim.credential.store;
  if (store === undefined || address === undefined) return;
  const labels = await store.labels(
    address,
    { credential: turn.rotation.credential },
    callFor(context),
  );
  if (labels.versions.some((version) => version.rotationNumber > turn.rotation.number))
    throw new Fault("LEDGER_BEHIND_WORLD");
};
