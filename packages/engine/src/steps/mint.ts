import { Fault, type Minted, type Version } from "@rekey/domain";
import { audit, patchVersion } from "../rotation/turn.ts";
import { isEntryOf, showsInTime } from "./listing.ts";
import { adoptLost, giveUp, lostMints, mayBeLost } from "./lost-mint.ts";
import {
  callFor,
  done,
  materialOf,
  subjectOf,
  type Step,
  type StepContext,
  type StepOutcome,
} from "./step.ts";
import { refuseNewerWorld } from "./stage.ts";

const currentPrincipal = (context: StepContext): string | undefined =>
  [...context.turn.versions.values()].find((version) => version.label === "current")?.principal;

/** Makes the new version valid at the issuer; confirmed when the provider lists it. */
export const mint: Step = async (context) => {
  const { turn, issuer } = context;
  await refuseNewerWorld(turn, context);
  const version = subjectOf(context);
  const earlier = context.again ? await earlierMint(context, version) : undefined;
  if (earlier !== undefined) return earlier;
  if (context.again && version.life === "valid" && issuer.capabilities.secretChosenBy !== "rekey")
    return await confirmListed(context).then(() => done("recorded when it was made"));
  const minted = await mintOnce(context, version);
  if (minted.material !== undefined) context.inMemory.set(version.number, minted.material);
  patchVersion(turn, version.number, {
    life: "valid",
    principal: minted.principal,
    mintedAt: turn.now,
    marked: issuer.capabilities.canMark,
  });
  audit(turn, "version.minted", {
    reason: minted.outcome,
    version: version.number,
    detail: { principal: minted.principal },
  });
  await confirmListed(context);
  return done(
    minted.outcome === "created" ? "created at the issuer" : "found at the issuer, adopted",
  );
};

/** An attempt whose answer was lost: what it made is looked for before anything is made again. */
const earlierMint = async (
  context: StepContext,
  version: Version,
): Promise<StepOutcome | undefined> => {
  if (!mayBeLost(context, version)) return undefined;
  const found = await lostMints(context, version);
  if (found.length === 0) return undefined;
  const { turn, issuer } = context;
  const numbers = adoptLost(turn, version, found);
  if (issuer.capabilities.secretChosenBy === "issuer")
    return giveUp(turn, numbers, "its value was shown once, in an answer that was lost");
  const surplus = numbers.slice(1);
  if (surplus.length > 0) return giveUp(turn, surplus, "more than one answer was lost");
  return done("found at the issuer, adopted");
};

const mintOnce = async (context: StepContext, version: Version): Promise<Minted> => {
  const { turn, issuer } = context;
  const rekeyChooses = issuer.capabilities.secretChosenBy === "rekey";
  const material = rekeyChooses ? await materialOf(context, version) : undefined;
  if (rekeyChooses && material === undefined) throw new Fault("STORE_VALUE_MISSING");
  const ref = { credential: turn.rotation.credential, version: version.number };
  const likePrincipal = currentPrincipal(context);
  return await issuer.mint(
    {
      ref,
      mark: { ...ref, rotation: turn.rotation.id },
      settings: turn.claim.credential.issuer.settings,
      ...(material === undefined ? {} : { material }),
      ...(likePrincipal === undefined ? {} : { likePrincipal }),
    },
    callFor(context),
  );
};

const confirmListed = async (context: StepContext): Promise<void> => {
  if (!context.issuer.capabilities.canEnumerate) return;
  const version = subjectOf(context);
  const shown = await showsInTime(context, ({ entries }) =>
    entries.some((entry) => isEntryOf(context.turn, entry, version)),
  );
  if (!shown) throw new Fault("PROVIDER_TIMEOUT", { unknownOutcome: true });
};
