import {
  Fault,
  judgeProof,
  type Material,
  type ProbeRecord,
  type ProofOfDeath,
  type ProofVerdict,
  type Version,
} from "@rekey/domain";
import { controlFault, noProof } from "../controls.ts";
import { audit, patchVersion } from "../rotation/turn.ts";
import { isEntryOf, isShared, listNow } from "./listing.ts";
import { controlsFor, probeEach, probeRounds } from "./probing.ts";
import { finishDeath } from "./revoke.ts";
import {
  callFor,
  done,
  materialOf,
  providerVersionOf,
  subjectOf,
  type Step,
  type StepContext,
} from "./step.ts";

/** Proof of death: refused K times at every endpoint over the propagation window, with both controls; sessions ended. */
export const prove: Step = async (context) => {
  const { turn, issuer } = context;
  const version = subjectOf(context);
  const material = issuer.capabilities.canProbe ? await materialOf(context, version) : undefined;
  const found =
    material === undefined
      ? await proofByList(context, version)
      : await proofByProbes(context, { version, material });
  if (version.life === "ending") await stillGone(context, version);
  const provenAt = context.overAt();
  const proof = { ...found, provenAt };
  const ended = version.life === "ending";
  const contained =
    version.exposedAt !== undefined && version.containedAt === undefined
      ? { containedAt: provenAt }
      : {};
  patchVersion(turn, version.number, {
    proof,
    provenDeadAt: provenAt,
    ...contained,
    ...(ended ? { life: "revoked" as const } : {}),
  });
  const detail = {
    grade: proof.grade,
    strength: proof.strength,
    probes: proof.probes.length,
    windowMs: Math.round(proof.windowMs),
    derivedEnded: proof.derivedEnded,
  };
  audit(turn, "version.proven-dead", {
    reason: proof.reason ?? "refused when tried from outside, with controls",
    version: version.number,
    detail,
  });
  if (ended) finishDeath(turn, version.number);
  return done("proven dead", detail);
};

/** An end that was asked before its proof: a late effect may have brought it back meanwhile. */
const stillGone = async (context: StepContext, version: Version): Promise<void> => {
  if (!context.issuer.capabilities.canEnumerate) return;
  const { entries } = await listNow(context);
  if (!entries.some((entry) => isEntryOf(context.turn, entry, version))) return;
  const target = providerVersionOf(context, version);
  if (target !== undefined) await context.issuer.revoke(target, callFor(context));
  throw new Fault("PROOF_STILL_ALIVE");
};

/** A proof, but for the time at which it was complete. */
type Found = Omit<ProofOfDeath, "provenAt">;

interface Subject {
  readonly version: Version;
  readonly material: Material;
}

const proofByProbes = async (context: StepContext, subject: Subject): Promise<Found> => {
  const { version, material } = subject;
  const tries = [
    { material, version, role: "subject" as const },
    ...(await controlsFor(context, version)),
  ];
  const { probes, spanMs } = await probeRounds(
    context,
    async () => await probeEach(context, tries),
  );
  const verdict = judgeProof({
    probes,
    vantages: context.issuer.vantages,
    propagationMs: context.issuer.capabilities.propagationMs,
    spanMs,
  });
  if (verdict.verdict === "alive") return await stopAgain(context, version, verdict);
  if (verdict.verdict === "unknown") throw noProof(verdict);
  const derived = await derivedEnded(context, version);
  return {
    grade: "probed",
    strength: verdict.strength,
    probes,
    windowMs: spanMs,
    derivedEnded: derived,
    derivedLeft: 0,
  };
};

/**
 * Somebody re-enabled it, or a replica still lets it in, or the server everybody: stop it again and keep probing.
 * Never an identity that a version which goes on uses too.
 */
const stopAgain = async (context: StepContext, version: Version, seen?: Alive): Promise<never> => {
  const { turn, issuer } = context;
  const target = isShared(turn, version) ? undefined : providerVersionOf(context, version);
  if (target !== undefined && issuer.capabilities.canSuspend)
    await issuer.suspend(target, callFor(context));
  else if (target !== undefined && version.life === "ending")
    await issuer.revoke(target, callFor(context));
  if (target !== undefined)
    audit(turn, "version.suspended", {
      reason: "it still worked when tried: stopped again",
      version: version.number,
    });
  throw seen?.everybody === true
    ? controlFault({ control: "negative-control", answer: "alive", vantage: seen.vantage })
    : new Fault("PROOF_STILL_ALIVE");
};

type Alive = Extract<ProofVerdict, { readonly verdict: "alive" }>;

/** Sessions and tokens of the dead version are ended, and none is left. */
const derivedEnded = async (context: StepContext, version: Version): Promise<number> => {
  const { issuer } = context;
  if (!issuer.capabilities.canSweep) return 0;
  const target = providerVersionOf(context, version);
  if (target === undefined || isShared(context.turn, version)) return 0;
  const { ended } = await issuer.sweep(target, callFor(context));
  const left = issuer.capabilities.canEnumerate
    ? (await listNow(context)).entries.find((entry) => entry.principal === target.principal)
        ?.derivedAlive
    : 0;
  if ((left ?? 0) > 0) throw new Fault("PROOF_STILL_ALIVE");
  return ended;
};

/** No value or no probe: the provider's complete list, twice across the window, shows it suspended or not at all. */
const proofByList = async (context: StepContext, version: Version): Promise<Found> => {
  const { turn, issuer } = context;
  const neverUsed = isUnused(context, version);
  if (!neverUsed && !issuer.capabilities.canProbe && !turn.claim.policy.allowListedProof)
    throw new Fault("PLAN_IMPOSSIBLE");
  if (!neverUsed && !turn.claim.policy.allowListedProof) throw new Fault("STORE_VALUE_MISSING");
  if (!issuer.capabilities.canEnumerate) throw new Fault("PROOF_UNKNOWN");
  const startedAt = turn.parts.clock.monotonicMs();
  await absentFromList(context, version);
  await turn.parts.clock.sleep(issuer.capabilities.propagationMs, turn.kept.signal);
  await absentFromList(context, version);
  const derived = await derivedEnded(context, version);
  return {
    grade: "listed",
    strength: "weak",
    probes: [] satisfies readonly ProbeRecord[],
    windowMs: turn.parts.clock.monotonicMs() - startedAt,
    derivedEnded: derived,
    derivedLeft: 0,
    reason: neverUsed
      ? "its value was never kept, so nobody can hold it"
      : "the policy allows a proof by the provider's list",
  };
};

/** Nobody can hold a value that was never kept; what its holder made, or what was promoted, somebody holds. */
const isUnused = ({ issuer }: StepContext, version: Version): boolean =>
  issuer.capabilities.secretChosenBy !== "holder" &&
  version.promotedAt === undefined &&
  (version.mintedAt === undefined || !version.staged);

const absentFromList = async (context: StepContext, version: Version): Promise<void> => {
  const listing = await listNow(context);
  if (!listing.complete) throw new Fault("PROOF_UNKNOWN");
  const alive = listing.entries.some(
    (entry) => isEntryOf(context.turn, entry, version) && entry.state === "valid",
  );
  if (alive) await stopAgain(context, version);
};
