import {
  bornRotation,
  caseId,
  faultCodes,
  isRefusal,
  joinCause,
  markExposed,
  modeInForce,
  planRotation,
  rotationId,
  type Capabilities,
  type Cause,
  type CauseKind,
  type CredentialView,
  type Instant,
  type Mode,
  type ModeSetting,
  type PlanFacts,
  type PlannedStep,
  type Refusal,
  type Version,
} from "@rekey/domain";
import type { Refused } from "@rekey/contracts";

interface Wish {
  readonly cause: CauseKind;
  readonly wanted: "successor" | "none";
  readonly now: Instant;
}

interface Planned {
  readonly steps: readonly PlannedStep[];
  readonly refused?: Refused;
}

/** A case that does not exist: a plan that is only shown has none. */
const noCase = caseId("00000000-0000-7000-8000-000000000000");

/** The steps a rotation would take now, or the reason why there is no safe order. Changes nothing. */
export const planFor = (
  view: CredentialView,
  capabilities: Capabilities | undefined,
  wish: Wish,
): Planned => {
  if (capabilities === undefined) {
    const { text, next } = faultCodes.CONFIG_MISSING;
    return { steps: [], refused: { refused: "CONFIG_MISSING", reason: `${text}; next: ${next}` } };
  }
  const steps = planRotation(factsOf(view, capabilities, wish));
  return isRefusal(steps) ? { steps: [], refused: refusedOf(steps) } : { steps };
};

const refusedOf = ({ refused, reason, problems }: Refusal): Refused => ({
  refused,
  reason,
  ...(problems !== undefined && { problems }),
});

const factsOf = (view: CredentialView, capabilities: Capabilities, wish: Wish): PlanFacts => {
  const { credential, policy, active } = view;
  const exposed = wish.cause === "exposure" ? currentOf(view.versions) : [];
  const cause: Cause = {
    kind: wish.cause,
    case: noCase,
    at: wish.now,
    ...(exposed[0] !== undefined && { version: exposed[0] }),
  };
  const versions = view.versions.map((version) => markExposed(version, exposed, wish.now));
  const wanted = credential.ended ? "none" : wish.wanted;
  const shared = { credential, policy, capabilities, versions };
  if (active !== undefined) {
    const exposure = wish.cause === "exposure";
    const joined = joinCause(active, versions, { exposed, wanted, renews: !exposure, exposure });
    return {
      ...shared,
      ...joined,
      undoing: joined.undoing ?? active.undoing,
      causes: [...active.causes, cause],
      done: active.done,
    };
  }
  const opening = {
    credential: credential.id,
    cause,
    exposed,
    wanted,
    mode: "act",
    approved: false,
  } as const;
  const born = bornRotation(opening, {
    id: rotationId(noCase),
    number: 1,
    versions,
    now: wish.now,
  });
  const { dying, causes, done, successor } = born;
  return { ...shared, causes, dying, done, wanted: born.wanted, successor };
};

const currentOf = (versions: readonly Version[]): readonly number[] =>
  versions.filter(({ label }) => label === "current").map(({ number }) => number);

/** The mode in force for what the API asks; control credentials act whatever scopes say. */
export const modeOf = ({ credential }: CredentialView, modes: readonly ModeSetting[]): Mode =>
  credential.control
    ? "act"
    : modeInForce(modes, {
        producer: "api",
        environment: credential.environment,
        issuer: credential.issuer.instance,
        credential: credential.id,
      });
