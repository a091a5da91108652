import {
  decideRotation,
  escalationOf,
  evolveRotation,
  isRefusal,
  planRotation,
  planVersion,
  type Capabilities,
  type PlannedStep,
  type Rotation,
  type RotationOpening,
} from "@rekey/domain";
import type { Draft } from "../rows/draft.ts";
import { rotationOf, type RotationRow } from "../rows/rows.ts";
import { auditOwn, detailOf } from "./audit.ts";
import {
  activeRotation,
  expose,
  oweJoined,
  versionsOf,
  wantedNow,
  type Opened,
} from "./open-rotation.ts";
import { credentialOf, policyOf } from "./views.ts";

/**
 * A leak that meets a rotation that is parked: intake's own commit joins it, as its worker would. Undefined
 * where a worker must, because one has it, others' words come first, an effect's end has to be looked for, or
 * the plan does not begin with containment.
 */
export const takeParked = (
  draft: Draft,
  wish: RotationOpening,
  capabilities: Capabilities | undefined,
): Opened | undefined => {
  const opening = wantedNow(draft, wish);
  const active = activeRotation(draft, opening.credential);
  if (active === undefined || capabilities === undefined || !isParked(draft, active))
    return undefined;
  expose(draft, opening);
  const rotation = escalated(draft, rotationOf(active), opening);
  if (rotation === undefined) return undefined;
  const [first] = planOf(draft, rotation, capabilities) ?? [];
  if (first?.kind !== "contain") return undefined;
  draft.put("rotations", { ...rotation, dueAt: draft.now });
  auditOwn(draft, {
    type: "rotation.escalated",
    reason: `another cause: ${opening.cause.kind}`,
    credential: opening.credential,
    case: opening.cause.case,
    rotation: rotation.id,
    detail: detailOf({
      cause: opening.cause.kind,
      case: opening.cause.case,
      dying: rotation.dying,
      wanted: rotation.wanted,
    }),
  });
  oweJoined(draft, opening, rotation);
  return { rotation: rotation.id, free: true };
};

/** Open steps that change the world: how far one has come is found out before the plan goes another way. */
const kindsWithEffect: ReadonlySet<string> = new Set(["contain", "retire", "promote", "cutover"]);

/** Inputs that say nothing but that it is time to look. */
const wakesOnly: ReadonlySet<string> = new Set(["moved", "woken"]);

const isParked = (draft: Draft, active: RotationRow): boolean =>
  (active.state.at === "waiting" || active.state.at === "halted") &&
  active.planVersion <= planVersion &&
  draft.get("holds", active.credential)?.holdOpen !== true &&
  !kindsWithEffect.has(active.open?.key.split("#")[0] ?? "") &&
  !draft
    .rows("inputs")
    .some(
      ({ targetKind, targetId, payload }) =>
        targetKind === "rotation" && targetId === active.id && !wakesOnly.has(payload.type),
    );

const escalated = (
  draft: Draft,
  rotation: Rotation,
  opening: RotationOpening,
): Rotation | undefined => {
  const versions = versionsOf(draft, opening.credential);
  const escalation = escalationOf(opening, versions);
  const event = decideRotation(
    rotation,
    { type: "escalate", escalation },
    { now: draft.now, versions },
  );
  return isRefusal(event) ? undefined : evolveRotation(rotation, event);
};

/** The remaining plan from the facts at hand; undefined where there is none. */
export const planOf = (
  draft: Draft,
  rotation: Rotation,
  capabilities: Capabilities,
): readonly PlannedStep[] | undefined => {
  const credential = credentialOf(draft, rotation.credential);
  const policy = credential && policyOf(draft, credential.policy);
  if (credential === undefined || policy === undefined) return undefined;
  const { causes, wanted, dying, successor, done, undoing } = rotation;
  const steps = planRotation({
    credential,
    policy,
    capabilities,
    causes,
    wanted,
    versions: versionsOf(draft, rotation.credential),
    dying,
    successor,
    done,
    undoing,
  });
  return isRefusal(steps) ? undefined : steps;
};
