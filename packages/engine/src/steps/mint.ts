import { Fault, type Minted, type ProviderListing, type Version } from "@rekey/domain";
import { audit, patchVersion } from "../rotation/turn.ts";
import { callFor, done, materialOf, type Step, type StepContext, subjectOf } from "./step.ts";
import { refuseNewerWorld } from "./stage.ts";

const currentPrincipal = (context: StepContext): string | undefined =>
  [...context.turn.versions.values()].find((version) => version.label === "current")?.principal;

/** Makes the new version valid at the issuer; confirmed when the provider lists it. */
export const mint: Step = async (context) => {
  const { turn, issuer } = context;
  await refuseNewerWorld(turn, context);
  const version = subjectOf(context);
  const minted = await mintOnce(context, version);
  if (minted.material !== undefined) context.inMemory.set(version.number, minted.material);
  await confirmListed(context, minted.principal);
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
  return done(
    minted.outcome === "created" ? "created at the issuer" : "found at the issuer, adopted",
  );
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

const confirmListed = async (context: StepContext, principal: string): Promise<void> => {
  if (!context.issuer.capabilities.canEnumerate) return;
  const listing = await listNow(context);
  if (!listing.entries.some((entry) => entry.principal === principal))
    throw new Fault("PROVIDER_TIMEOUT", { unknownOutcome: true });
};

export const listNow = async (context: StepContext): Promise<ProviderListing> => {
  const { id, issuer } = context.turn.claim.credential;
  return await context.issuer.list(id, issuer.settings, callFor(context));
};
