import {
  withoutCause,
  type CaseId,
  markExposed,
  versionsAliveSince,
  type Escalation,
  type Input,
  type PendingInput,
} from "@rekey/domain";
import { HoldLost } from "../hold.ts";
import { saidBy } from "../said-by.ts";
import { apply, audit, oweDeath, settleDeath, tryApply, type Turn } from "./turn.ts";

/** A pause and what others say reach a running turn within this time. */
const lookAgainMs = 1_000;

/** Between steps: the pause switch and new inputs, read with the fence. Throws HoldLost when it moved on. */
export const lookAgain = async (turn: Turn): Promise<void> => {
  const { clock, ledger } = turn.parts;
  const askedAtMs = clock.monotonicMs();
  if (askedAtMs - turn.freshAtMs < lookAgainMs) return;
  const fresh = await ledger.freshInputs(turn.claim.hold);
  if (fresh === undefined) throw new HoldLost();
  turn.freshAtMs = askedAtMs;
  turn.now = fresh.now;
  turn.askedAtMs = askedAtMs;
  turn.pause = fresh.pause;
  absorbInputs(turn, fresh.inputs.filter(isForThisTurn));
};

/** A wake is for a turn that reads all anew: this one goes on by the modes that its claim read. */
const isForThisTurn = ({ input }: PendingInput): boolean => input.type !== "woken";

/** Takes what others left for the holder into the coming commit. */
export const absorbInputs = (turn: Turn, inputs: readonly PendingInput[]): void => {
  for (const { seq, input } of inputs) {
    if (turn.draft.inputsConsumed.includes(seq)) continue;
    turn.draft.inputsConsumed.push(seq);
    absorb(turn, input);
  }
};

const absorb = (turn: Turn, input: Input): void => {
  switch (input.type) {
    case "escalate":
      return escalate(turn, input.escalation, input.unknownSince);
    case "announced":
      return announced(turn, input);
    case "approve":
      return void tryApply(
        turn,
        {
          type: "approve",
          by: input.by,
          ...(input.case === undefined ? {} : { case: input.case }),
        },
        saidBy("approved", input),
      );
    case "dismiss":
      return dismiss(turn, input);
    case "resume":
      return void tryApply(
        turn,
        { type: "resume", cutOff: input.cutOff },
        saidBy("resumed", input),
      );
    case "undo":
      return void tryApply(turn, { type: "undo" }, saidBy("undo asked", input));
    case "moved":
    case "woken":
      return undefined;
  }
};

/** Exposed versions are marked before the rotation decides, so that its plan knows them. */
const escalate = (turn: Turn, escalation: Escalation, unknownSince: number | undefined): void => {
  const versions = [...turn.versions.values()];
  const exposed =
    unknownSince === undefined ? escalation.versions : versionsAliveSince(versions, unknownSince);
  if (escalation.cause.kind === "exposure") markAll(turn, exposed);
  apply(
    turn,
    { type: "escalate", escalation: { ...escalation, versions: exposed } },
    `another cause: ${escalation.cause.kind}`,
  );
  for (const number of turn.rotation.dying) oweDeath(turn, number, escalation.cause.kind);
};

const markAll = (turn: Turn, exposed: readonly number[]): void => {
  for (const version of turn.versions.values()) {
    const marked = markExposed(version, exposed, turn.now);
    if (marked === version) continue;
    turn.versions.set(marked.number, marked);
    turn.draft.versions.add(marked.number);
    audit(turn, "version.exposed", { reason: "named by an exposure", version: marked.number });
  }
};

/** Grace counts from the receipt of the very announcement that is awaited; another one's says nothing. */
const announced = (turn: Turn, { at, version }: Extract<Input, { type: "announced" }>): void => {
  const key = turn.rotation.open?.key;
  const [kind, subject] = (key ?? "").split("#");
  if (key === undefined || kind !== "announce") return;
  if (version !== undefined && Number.parseInt(subject ?? "", 10) !== version) return;
  const graceEndsAt = at + turn.claim.policy.graceMs;
  const command = { type: "announced" as const, at, graceEndsAt };
  if (tryApply(turn, command, "the relay's receipt of the announcement") !== undefined) return;
  apply(turn, { type: "confirm", key }, "the announcement has left");
};

/**
 * A false alarm. Other causes go on without it; with none left the rotation is withdrawn before its first
 * effect, or undone where that is still possible, or goes on to its safe end.
 */
const dismiss = (turn: Turn, input: Extract<Input, { type: "dismiss" }>): void => {
  const reason = saidBy("dismissed", input);
  if (input.case !== undefined && dropCause(turn, input.case, reason)) return;
  if (tryApply(turn, { type: "withdraw", reason: input.reason }, reason) === undefined)
    return withdrawn(turn);
  if (tryApply(turn, { type: "undo" }, reason) === undefined) return;
  audit(turn, "rotation.proceeded", { reason: `${reason}; it goes on to its safe end` });
};

/** True when other causes are left: the rotation goes on for them, and loses the marks of this one. */
const dropCause = (turn: Turn, dismissed: CaseId, reason: string): boolean => {
  const left = withoutCause(turn.rotation, [...turn.versions.values()], dismissed);
  for (const version of left.versions) {
    if (turn.versions.get(version.number) === version) continue;
    turn.versions.set(version.number, version);
    turn.draft.versions.add(version.number);
  }
  if (left.rotation.causes.length === 0) return false;
  turn.rotation = left.rotation;
  audit(turn, "rotation.proceeded", { reason: `${reason}; other causes go on` });
  return true;
};

/** Nothing was done, so nothing is owed. */
const withdrawn = (turn: Turn): void => {
  for (const number of turn.rotation.dying) settleDeath(turn, number, "dismissed");
};
