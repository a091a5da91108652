import type { Instant } from "../instant.ts";
import type { FaultCode } from "../fault.ts";
import type { CaseId } from "../ids.ts";
import type { Mode } from "../mode.ts";
import type { Cause, Halt, PlannedStep, RotationStateName, WaitReason } from "./rotation.ts";

/** An exposure as the rotation hears of it. `versions` are those that must die; empty with `unknown` means which one is not known. */
export interface Escalation {
  readonly cause: Cause;
  readonly versions: readonly number[];
  readonly wanted: "successor" | "none";
  /** What the joining case may do: the freer of its mode and the rotation's own is in force. */
  readonly mode?: Mode;
  readonly approved?: boolean;
}

export type RotationCommand =
  | { readonly type: "proceed" }
  | { readonly type: "plan"; readonly plan: readonly PlannedStep[] }
  | { readonly type: "intend"; readonly key: string }
  | { readonly type: "confirm"; readonly key: string }
  | {
      readonly type: "fail";
      readonly key: string;
      readonly code: FaultCode;
      readonly dueAt: Instant;
      readonly settled: boolean;
    }
  | {
      readonly type: "wait";
      readonly for: WaitReason;
      readonly until: Instant;
      readonly reason: string;
    }
  | { readonly type: "halt"; readonly halt: Halt; readonly dueAt: Instant }
  | { readonly type: "resume"; readonly cutOff: boolean }
  | { readonly type: "escalate"; readonly escalation: Escalation }
  | { readonly type: "approve"; readonly by?: string; readonly case?: CaseId }
  | { readonly type: "withdraw"; readonly reason: string }
  | { readonly type: "undo" }
  | { readonly type: "announced"; readonly at: Instant; readonly graceEndsAt: Instant }
  | {
      readonly type: "drained";
      readonly moved: readonly string[];
      readonly unmoved: readonly string[];
    }
  | { readonly type: "complete" }
  | { readonly type: "observe" };

export type RotationCommandName = RotationCommand["type"];

export const rotationCommandNames = [
  "proceed",
  "plan",
  "intend",
  "confirm",
  "fail",
  "wait",
  "halt",
  "resume",
  "escalate",
  "approve",
  "withdraw",
  "undo",
  "announced",
  "drained",
  "complete",
  "observe",
] as const satisfies readonly RotationCommandName[];

type Next = RotationStateName | readonly RotationStateName[];
type Transitions = Readonly<
  Record<RotationStateName, Readonly<Partial<Record<RotationCommandName, Next>>>>
>;

const parked = {
  proceed: "running",
  resume: "running",
  escalate: "running",
  approve: "running",
  withdraw: "withdrawn",
  undo: "running",
  announced: "running",
} as const;

/** State × command → next state; an undo completes as undone. A pair that is not here is refused: the sagas' only table of what may follow what. */
export const rotationTransitions: Transitions = {
  running: {
    proceed: "running",
    plan: "running",
    intend: "running",
    confirm: "running",
    fail: "waiting",
    wait: "waiting",
    halt: "halted",
    resume: "running",
    escalate: "running",
    approve: "running",
    withdraw: "withdrawn",
    undo: "running",
    announced: "running",
    drained: "running",
    complete: ["completed", "undone"],
    observe: "would-have",
  },
  waiting: parked,
  halted: parked,
  completed: {},
  undone: {},
  withdrawn: {},
  "would-have": {},
};
