import { isLocalActor } from "../approvals.ts";
import type { Instant } from "../instant.ts";
import type { FaultCode } from "../fault.ts";
import { refuse, type Refusal } from "../refusal.ts";
import type { Halt } from "../rotation/rotation.ts";
import {
  caseSteps,
  type Case,
  type CaseOutcome,
  type CaseState,
  type CaseStateName,
  type CaseStep,
  type CaseWaitReason,
} from "./case.ts";

export type CaseCommand =
  | { readonly type: "proceed" }
  | { readonly type: "advance"; readonly to: CaseStep }
  | { readonly type: "next-wave"; readonly wave: number }
  | {
      readonly type: "wait";
      readonly for: CaseWaitReason;
      readonly until: Instant;
      readonly reason: string;
    }
  | { readonly type: "fail"; readonly code: FaultCode; readonly dueAt: Instant }
  | { readonly type: "halt"; readonly halt: Halt; readonly dueAt: Instant }
  | { readonly type: "join" }
  | { readonly type: "approve"; readonly by: string }
  | { readonly type: "dismiss"; readonly reason: string }
  | { readonly type: "close"; readonly outcome: CaseOutcome; readonly reason: string };
export type CaseCommandName = CaseCommand["type"];

export const caseCommandNames = [
  "proceed",
  "advance",
  "next-wave",
  "wait",
  "fail",
  "halt",
  "join",
  "approve",
  "dismiss",
  "close",
] as const satisfies readonly CaseCommandName[];

export type CaseEvent =
  | { readonly type: "case.proceeded" }
  | { readonly type: "case.advanced"; readonly to: CaseStep }
  | { readonly type: "case.wave-started"; readonly wave: number }
  | {
      readonly type: "case.waiting";
      readonly for: CaseWaitReason;
      readonly until: Instant;
      readonly reason: string;
    }
  | { readonly type: "case.failed"; readonly code: FaultCode; readonly dueAt: Instant }
  | { readonly type: "case.halted"; readonly halt: Halt; readonly dueAt: Instant }
  | { readonly type: "case.joined" }
  | { readonly type: "case.approved"; readonly by: string }
  | { readonly type: "case.dismissed"; readonly reason: string; readonly at: Instant }
  | {
      readonly type: "case.closed";
      readonly outcome: CaseOutcome;
      readonly reason: string;
      readonly at: Instant;
    };

type Transitions = Readonly<
  Record<CaseStateName, Readonly<Partial<Record<CaseCommandName, CaseStateName>>>>
>;

const parked = {
  proceed: "running",
  join: "running",
  approve: "running",
  dismiss: "closed",
} as const;

/** State × command → next state; what is not here is refused. */
export const caseTransitions: Transitions = {
  running: {
    proceed: "running",
    advance: "running",
    "next-wave": "running",
    wait: "waiting",
    fail: "waiting",
    halt: "halted",
    join: "running",
    approve: "running",
    dismiss: "closed",
    close: "closed",
  },
  waiting: parked,
  halted: parked,
  closed: {},
};

const stepIndex = (step: CaseStep): number => caseSteps.indexOf(step);

const hasPerson = ({ requestedBy, approvedBy }: Case): boolean =>
  requestedBy !== undefined || approvedBy.length > 0;

const refusedByContent = (subject: Case, command: CaseCommand): Refusal | undefined => {
  if (command.type === "advance" && stepIndex(command.to) <= stepIndex(subject.step))
    return refuse("WRONG_STATE", "a case never goes back a step");
  if (command.type === "approve" && command.by === subject.requestedBy)
    return refuse("SAME_PERSON");
  if (command.type === "approve" && subject.approvedBy.includes(command.by))
    return refuse("ALREADY_DONE", "this person has approved it");
  if (command.type === "approve" && isLocalActor(command.by) && hasPerson(subject))
    return refuse("SAME_PERSON", "the machine's own socket is never a second approver");
  if (command.type === "next-wave" && command.wave <= subject.wave)
    return refuse("WRONG_STATE", "waves only go forward");
  return undefined;
};

/** Pure: what a command means for this case now, or why not. */
export const decideCase = (
  subject: Case,
  command: CaseCommand,
  now: Instant,
): CaseEvent | Refusal => {
  if (caseTransitions[subject.state.at][command.type] === undefined) {
    return refuse("WRONG_STATE", `a case that is ${subject.state.at} does not ${command.type}`);
  }
  const refusal = refusedByContent(subject, command);
  return refusal ?? eventOf(command, now);
};

const eventOf = (command: CaseCommand, now: Instant): CaseEvent => {
  switch (command.type) {
    case "proceed":
      return { type: "case.proceeded" };
    case "advance":
      return { type: "case.advanced", to: command.to };
    case "next-wave":
      return { type: "case.wave-started", wave: command.wave };
    case "wait":
      return {
        type: "case.waiting",
        for: command.for,
        until: command.until,
        reason: command.reason,
      };
    case "fail":
      return { type: "case.failed", code: command.code, dueAt: command.dueAt };
    case "halt":
      return { type: "case.halted", halt: command.halt, dueAt: command.dueAt };
    case "join":
      return { type: "case.joined" };
    case "approve":
      return { type: "case.approved", by: command.by };
    case "dismiss":
      return { type: "case.dismissed", reason: command.reason, at: now };
    case "close":
      return { type: "case.closed", outcome: command.outcome, reason: command.reason, at: now };
  }
};

const running: CaseState = { at: "running" };

/** Pure: the case after an event. */
export const evolveCase = (subject: Case, event: CaseEvent): Case => {
  switch (event.type) {
    case "case.proceeded":
      return { ...subject, state: running };
    case "case.advanced":
      return { ...subject, state: running, step: event.to, failures: 0 };
    case "case.wave-started":
      return { ...subject, state: running, wave: event.wave };
    case "case.waiting":
      return {
        ...subject,
        state: { at: "waiting", for: event.for, until: event.until, reason: event.reason },
        dueAt: event.until,
      };
    case "case.failed":
      return {
        ...subject,
        failures: subject.failures + 1,
        lastFault: event.code,
        dueAt: event.dueAt,
        state: { at: "waiting", for: "provider", until: event.dueAt, reason: event.code },
      };
    case "case.halted":
      return { ...subject, state: { at: "halted", halt: event.halt }, dueAt: event.dueAt };
    case "case.joined":
      return { ...subject, state: running, signals: subject.signals + 1 };
    case "case.approved":
      return { ...subject, state: running, approvedBy: [...subject.approvedBy, event.by] };
    case "case.dismissed":
      return {
        ...subject,
        state: { at: "closed", outcome: "dismissed", reason: event.reason },
        closedAt: event.at,
      };
    case "case.closed":
      return {
        ...subject,
        state: { at: "closed", outcome: event.outcome, reason: event.reason },
        closedAt: event.at,
      };
  }
};
