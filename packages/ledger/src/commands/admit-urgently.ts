import {
  assert,
  exposureResponse,
  holdMs,
  type AdmitRequest,
  type BreakerReservation,
  type Capabilities,
  type Hold,
  type IntakeDecision,
  type PlannedStep,
  type ReceivedSignal,
  type RotationId,
  type RotationOpening,
} from "@rekey/domain";
import { canonicalJson, sha256Hex } from "@rekey/contracts";
import type { Draft } from "../rows/draft.ts";
import { caseItemKey, freshHold } from "../rows/rows.ts";
import { auditOwn, detailOf } from "./audit.ts";
import { reserve } from "./breaker.ts";
import { openRotation } from "./open-rotation.ts";
import { planOf, takeParked } from "./take-parked.ts";
import { credentialOf, policyOf } from "./views.ts";

/**
 * The rotation of a leaked version, born claimed by intake's own commit with its containment intended, so
 * that the worker in the same process acts at once; so is an active one at which nobody works. Undefined
 * where its worker was pre-empted instead, or where the plan does not begin with containment: those are due now.
 */
export const admitUrgently = (
  draft: Draft,
  { urgent }: IntakeDecision,
  { received, request }: { readonly received: ReceivedSignal; readonly request: AdmitRequest },
): Hold | undefined => {
  if (urgent === undefined) return undefined;
  const { opening, reservation } = urgent;
  const issuer = draft.get("credentials", opening.credential)?.issuer.instance;
  const capabilities = issuer === undefined ? undefined : request.capabilities[issuer];
  const { rotation, free } =
    takeParked(draft, opening, capabilities) ?? openRotation(draft, opening);
  const key = caseItemKey(opening.cause.case, opening.credential);
  const item = draft.get("caseItems", key);
  if (item !== undefined) draft.put("caseItems", { ...item, rotation });
  book(draft, reservation, received);
  if (!free || capabilities === undefined) return undefined;
  const first = plan(draft, opening, { rotation, capabilities });
  if (first === undefined) return undefined;
  return hold(draft, opening, { rotation, first, worker: request.worker });
};

/** The decision asked the breaker under this lock: the same question is booked. */
const book = (
  draft: Draft,
  reservation: BreakerReservation,
  { signal, authentication }: ReceivedSignal,
): void => {
  const policy = draft.get("credentials", reservation.credential)?.policy;
  const limits = policy && policyOf(draft, policy)?.breaker;
  assert(limits !== undefined, "an urgent admission of a credential without a policy");
  const answer = reserve(draft, {
    reservation,
    limits,
    approvals: 0,
    confidence: signal.confidence,
    trustedFeed: authentication.trusted,
    producers: 1,
  });
  assert(answer.allowed, "an urgent admission that the breaker refuses");
};

interface Planning {
  readonly rotation: RotationId;
  readonly capabilities: Capabilities;
}

/** Sets the plan; answers its first step when that is a containment. */
const plan = (
  draft: Draft,
  opening: RotationOpening,
  { rotation, capabilities }: Planning,
): PlannedStep | undefined => {
  const born = draft.get("rotations", rotation);
  const credential = credentialOf(draft, opening.credential);
  const policy = credential && policyOf(draft, credential.policy);
  if (born === undefined || credential === undefined || policy === undefined) return undefined;
  const steps = planOf(draft, born, capabilities);
  if (steps === undefined) return undefined;
  draft.put("rotations", { ...born, plan: steps });
  auditOwn(draft, {
    type: "rotation.planned",
    reason: exposureResponse({ credential, policy, causes: born.causes }),
    credential: opening.credential,
    case: opening.cause.case,
    rotation,
    policyDigest: sha256Hex(canonicalJson(policy)),
    planDigest: sha256Hex(canonicalJson(steps)),
    detail: detailOf({ plan: steps.map((step) => step.key) }),
  });
  return steps[0]?.kind === "contain" ? steps[0] : undefined;
};

interface Intent {
  readonly rotation: RotationId;
  readonly first: PlannedStep;
  readonly worker: string;
}

const hold = (
  draft: Draft,
  opening: RotationOpening,
  { rotation, first, worker }: Intent,
): Hold | undefined => {
  const born = draft.get("rotations", rotation);
  if (born === undefined) return undefined;
  const open = { key: first.key, attempt: 1, intendedAt: draft.now };
  draft.put("rotations", { ...born, open });
  draft.put("effects", {
    rotation,
    step: first.key,
    attempt: 1,
    ...(first.version === undefined ? {} : { version: first.version }),
    state: "intended",
    key: `${rotation}/${first.kind}/${first.version ?? 0}/1`,
  });
  const row = draft.get("holds", opening.credential) ?? freshHold(opening.credential);
  const fence = row.fence + 1;
  const holdUntil = draft.now + holdMs;
  draft.put("holds", { ...row, fence, holdUntil, holdBy: worker, holdOpen: true });
  auditOwn(draft, {
    type: "rotation.step-intended",
    reason: first.why,
    credential: opening.credential,
    ...(first.version === undefined ? {} : { version: first.version }),
    case: opening.cause.case,
    rotation,
    detail: { step: first.key, attempt: 1 },
  });
  return { kind: "rotation", id: rotation, row: opening.credential, fence };
};
