import {
  engineActor,
  isTerminal,
  refuse,
  type Actor,
  type AuditDraft,
  type Input,
  type Refusal,
} from "@rekey/domain";
import type { Draft } from "../rows/draft.ts";
import { preempted, type CredentialHoldRow } from "../rows/rows.ts";
import { recordAudit } from "./audit.ts";

export interface InputRequest {
  readonly target: { readonly kind: "case" | "rotation"; readonly id: string };
  readonly input: Input;
  readonly actor: Actor;
  readonly audit?: AuditDraft;
}

/** Leaves an input for the holder and makes its target due. */
export const leaveInput = (
  draft: Draft,
  target: InputRequest["target"],
  left: { readonly input: Input; readonly actor?: string },
): void => {
  draft.put("inputs", {
    targetKind: target.kind,
    targetId: target.id,
    seq: draft.nextSequence(),
    payload: left.input,
    actor: left.actor ?? engineActor.id,
    at: draft.now,
  });
  draft.wake(target.kind === "case" ? "cases" : "rotations", target.id);
};

/** Ends the hold on a credential under its next fence: the worker that had it writes nothing any more. */
export const preempt = (draft: Draft, hold: CredentialHoldRow): void => {
  draft.put("holds", preempted(hold));
};

/** An escalation pre-empts whoever holds the rotation; every other input waits for its holder. */
export const appendInput = (draft: Draft, request: InputRequest): void | Refusal => {
  const refusal =
    request.target.kind === "case" ? refusedCase(draft, request) : refusedRotation(draft, request);
  if (refusal !== undefined) return refusal;
  leaveInput(draft, request.target, { input: request.input, actor: request.actor.id });
  if (request.audit !== undefined) recordAudit(draft, [request.audit]);
  if (request.input.type !== "escalate") return;
  const rotation = draft.get("rotations", request.target.id);
  const hold = rotation && draft.get("holds", rotation.credential);
  if (hold !== undefined) preempt(draft, hold);
};

const refusedCase = (draft: Draft, { target }: InputRequest): Refusal | undefined => {
  const subject = draft.get("cases", target.id);
  if (subject === undefined) return refuse("NOT_FOUND", "there is no such case");
  return subject.state.at === "closed" ? refuse("WRONG_STATE", "the case is closed") : undefined;
};

const refusedRotation = (draft: Draft, { target }: InputRequest): Refusal | undefined => {
  const rotation = draft.get("rotations", target.id);
  if (rotation === undefined) return refuse("NOT_FOUND", "there is no such rotation");
  return isTerminal(rotation) ? refuse("WRONG_STATE", "the rotation has ended") : undefined;
};
