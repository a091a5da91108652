import type { Instant } from "../instant.ts";
import type { FaultCode } from "../fault.ts";
import type { CaseId } from "../ids.ts";
import type { Mode } from "../mode.ts";
import { refuse, type Refusal } from "../refusal.ts";
import type { Version } from "../version.ts";
import { rotationTransitions, type RotationCommand } from "./commands.ts";
import { joinCause, type Joined } from "./joining.ts";
import { undoTarget } from "./plan-undo.ts";
import type { Cause, Halt, PlannedStep, Rotation, WaitReason } from "./rotation.ts";

export type RotationEvent =
  | { readonly type: "rotation.proceeded" }
  | { readonly type: "rotation.planned"; readonly plan: readonly PlannedStep[] }
  | {
      readonly type: "rotation.step-intended";
      readonly key: string;
      readonly attempt: number;
      readonly at: Instant;
    }
  | { readonly type: "rotation.step-confirmed"; readonly key: string }
  | {
      readonly type: "rotation.step-failed";
      readonly key: string;
      readonly code: FaultCode;
      readonly dueAt: Instant;
      readonly settled: boolean;
    }
  | {
      readonly type: "rotation.waiting";
      readonly for: WaitReason;
      readonly until: Instant;
      readonly reason: string;
    }
  | { readonly type: "rotation.halted"; readonly halt: Halt; readonly dueAt: Instant }
  | { readonly type: "rotation.resumed"; readonly cutOff: boolean }
  | {
      readonly type: "rotation.escalated";
      readonly cause: Cause;
      readonly joined: Joined;
      readonly mode?: Mode;
      readonly approved?: boolean;
    }
  | { readonly type: "rotation.approved"; readonly by?: string; readonly case?: CaseId }
  | { readonly type: "rotation.withdrawn"; readonly reason: string; readonly at: Instant }
  | { readonly type: "rotation.undo-asked" }
  | { readonly type: "rotation.announced"; readonly at: Instant; readonly graceEndsAt: Instant }
  | {
      readonly type: "rotation.drained";
      readonly moved: readonly string[];
      readonly unmoved: readonly string[];
    }
  | { readonly type: "rotation.completed"; readonly at: Instant }
  | { readonly type: "rotation.undone"; readonly at: Instant }
  | { readonly type: "rotation.would-have"; readonly at: Instant };

interface DecideContext {
  readonly now: Instant;
  readonly versions: readonly Version[];
}

/** Steps after which the world was changed: from the first of them on a rotation is undone, not withdrawn. */
const effected = (rotation: Rotation): boolean =>
  rotation.done.length > 0 || rotation.open !== undefined;

const refusedByContent = (
  rotation: Rotation,
  command: RotationCommand,
  versions: readonly Version[],
): Refusal | undefined => {
  if (command.type === "withdraw" && effected(rotation))
    return refuse("WRONG_STATE", "effects have begun: undo it, or let it finish");
  if (command.type === "undo") return refusedUndo(rotation, versions);
  if (command.type === "confirm" && rotation.open?.key !== command.key)
    return refuse("WRONG_STATE", "this step was not intended");
  if (command.type === "intend" && rotation.done.includes(command.key))
    return refuse("ALREADY_DONE", "this step is recorded as done");
  if (command.type === "complete" && rotation.open !== undefined)
    return refuse("WRONG_STATE", "a step is still open");
  if (command.type === "complete" && !rotation.done.includes("attest"))
    return refuse("WRONG_STATE", "the provider's list is not attested");
  return undefined;
};

const refusedUndo = (rotation: Rotation, versions: readonly Version[]): Refusal | undefined => {
  const { open, done, dying, successor } = rotation;
  const keys = [open?.key ?? "", ...done];
  const dies = versions.filter((version) => dying.includes(version.number));
  if (rotation.undoing) return refuse("ALREADY_DONE", "it is being undone");
  if (
    keys.some((key) => key.startsWith("revoke#")) ||
    dies.some((version) => version.life === "ending" || version.life === "revoked")
  )
    return refuse("WRONG_STATE", "an irreversible end was already intended");
  if (keys.some((key) => key.startsWith("cutover#")))
    return refuse("UNSUPPORTED", "the new value took the old one's place: the old one is gone");
  if (dies.some((version) => version.exposedAt !== undefined)) return refuse("EXPOSED");
  const promoted = versions.some(
    (version) => version.number === successor && version.label === "current",
  );
  return promoted && undoTarget({ versions, successor }) === undefined
    ? refuse("WRONG_STATE", "there is no version to go back to")
    : undefined;
};

const eventOf = (
  rotation: Rotation,
  command: RotationCommand,
  context: DecideContext,
): RotationEvent => {
  const { now } = context;
  switch (command.type) {
    case "proceed":
      return { type: "rotation.proceeded" };
    case "plan":
      return { type: "rotation.planned", plan: command.plan };
    case "intend": {
      const { open, failures } = rotation;
      const again = open?.key === command.key ? open : undefined;
      const attempt = (again?.attempt ?? failures) + 1;
      const at = again?.intendedAt ?? now;
      return { type: "rotation.step-intended", key: command.key, attempt, at };
    }
    case "confirm":
      return { type: "rotation.step-confirmed", key: command.key };
    case "fail":
      return {
        type: "rotation.step-failed",
        key: command.key,
        code: command.code,
        dueAt: command.dueAt,
        settled: command.settled,
      };
    case "wait":
      return {
        type: "rotation.waiting",
        for: command.for,
        until: command.until,
        reason: command.reason,
      };
    case "halt":
      return { type: "rotation.halted", halt: command.halt, dueAt: command.dueAt };
    case "resume":
      return { type: "rotation.resumed", cutOff: command.cutOff };
    default:
      return laterEventOf(rotation, command, context);
  }
};

type LaterCommand = Exclude<
  RotationCommand,
  { type: "proceed" | "plan" | "intend" | "confirm" | "fail" | "wait" | "halt" | "resume" }
>;

const laterEventOf = (
  rotation: Rotation,
  command: LaterCommand,
  { now, versions }: DecideContext,
): RotationEvent => {
  switch (command.type) {
    case "escalate": {
      const { cause, versions: exposed, wanted, mode, approved } = command.escalation;
      return {
        type: "rotation.escalated",
        cause,
        ...(mode === undefined ? {} : { mode }),
        ...(approved === undefined ? {} : { approved }),
        joined: joinCause(rotation, versions, {
          exposed,
          wanted,
          renews: cause.kind === "schedule" || cause.kind === "manual",
          exposure: cause.kind === "exposure",
        }),
      };
    }
    case "approve":
      return {
        type: "rotation.approved",
        ...(command.by === undefined ? {} : { by: command.by }),
        ...(command.case === undefined ? {} : { case: command.case }),
      };
    case "withdraw":
      return { type: "rotation.withdrawn", reason: command.reason, at: now };
    case "undo":
      return { type: "rotation.undo-asked" };
    case "announced":
      return { type: "rotation.announced", at: command.at, graceEndsAt: command.graceEndsAt };
    case "drained":
      return { type: "rotation.drained", moved: command.moved, unmoved: command.unmoved };
    case "complete":
      return rotation.undoing
        ? { type: "rotation.undone", at: now }
        : { type: "rotation.completed", at: now };
    case "observe":
      return { type: "rotation.would-have", at: now };
  }
};

/** Pure: what a command means for this rotation now, or why not. */
export const decideRotation = (
  rotation: Rotation,
  command: RotationCommand,
  context: DecideContext,
): RotationEvent | Refusal => {
  const next = rotationTransitions[rotation.state.at][command.type];
  if (next === undefined)
    return refuse(
      "WRONG_STATE",
      `a rotation that is ${rotation.state.at} does not ${command.type}`,
    );
  return (
    refusedByContent(rotation, command, context.versions) ?? eventOf(rotation, command, context)
  );
};
