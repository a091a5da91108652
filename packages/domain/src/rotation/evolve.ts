import { distinctApprovals } from "../approvals.ts";
import { modes, type Mode } from "../mode.ts";
import type { RotationEvent } from "./decide.ts";
import { reversedBy } from "./plan-steps.ts";
import type { Cause, Rotation, RotationState } from "./rotation.ts";

const running: RotationState = { at: "running" };

/** Pure: the rotation after an event. */
export const evolveRotation = (rotation: Rotation, event: RotationEvent): Rotation => {
  switch (event.type) {
    case "rotation.proceeded":
      return { ...rotation, state: running };
    case "rotation.planned":
      return { ...rotation, plan: event.plan };
    case "rotation.step-intended":
      return {
        ...rotation,
        state: running,
        open: { key: event.key, attempt: event.attempt, intendedAt: event.at },
      };
    case "rotation.step-confirmed":
      return withoutOpen({ ...rotation, done: doneAfter(rotation, event.key), failures: 0 });
    case "rotation.step-failed":
      return evolveFailure(rotation, event);
    case "rotation.waiting":
      return {
        ...rotation,
        state: { at: "waiting", for: event.for, until: event.until, reason: event.reason },
        dueAt: event.until,
      };
    case "rotation.halted":
      return { ...rotation, state: { at: "halted", halt: event.halt }, dueAt: event.dueAt };
    case "rotation.resumed":
      return { ...rotation, state: running, cutOff: rotation.cutOff || event.cutOff, failures: 0 };
    default:
      return evolveLater(rotation, event);
  }
};

/** A reinstated version may be stopped again, and a stopped one reinstated. */
const doneAfter = ({ done }: Rotation, key: string): readonly string[] => [
  ...done.filter((other) => !reversedBy(key).includes(other)),
  key,
];

/** What a changed goal makes due again. */
const withoutAttest = ({ done }: Rotation): readonly string[] =>
  done.filter((key) => key !== "attest");

/** The same report again adds nothing; one that says more (public, confirmed) is kept beside it. */
const withCause = ({ causes }: Rotation, cause: Cause): readonly Cause[] => {
  const same = causes.some((known) =>
    (["kind", "case", "version", "public", "confidence", "producer", "trusted"] as const).every(
      (field) => known[field] === cause[field],
    ),
  );
  if (!same) return [...causes, cause];
  return causes.map((known) =>
    known.case === cause.case ? approvedBy(known, cause.approvedBy ?? []) : known,
  );
};

/** A person counts once, however often they are heard. */
const approvedBy = (cause: Cause, people: readonly string[]): Cause =>
  people.length === 0
    ? cause
    : { ...cause, approvedBy: [...new Set([...(cause.approvedBy ?? []), ...people])] };

const approvalsOf = (causes: readonly Cause[]): number =>
  distinctApprovals(causes.flatMap((cause) => cause.approvedBy ?? []));

type ApprovedEvent = Extract<RotationEvent, { type: "rotation.approved" }>;

/** A word for one case counts for that case; one without a case counts for all of them. */
const evolveApproval = (rotation: Rotation, event: ApprovedEvent): Rotation => {
  const { by, case: subject } = event;
  const causes = rotation.causes.map((cause) =>
    subject === undefined || cause.case === subject
      ? approvedBy(cause, by === undefined ? [] : [by])
      : cause,
  );
  return { ...rotation, causes, approved: true, approvals: approvalsOf(causes), state: running };
};

/** The freer mode is in force: what one case may do is done, whichever came first. */
const freerMode = (known: Mode, joining: Mode | undefined): Mode =>
  joining !== undefined && modes.indexOf(joining) > modes.indexOf(known) ? joining : known;

const withoutOpen = (rotation: Rotation): Rotation => {
  const { open: _closed, lastFault: _past, ...rest } = rotation;
  return rest;
};

type FailedEvent = Extract<RotationEvent, { type: "rotation.step-failed" }>;

const evolveFailure = (rotation: Rotation, event: FailedEvent): Rotation => {
  const base = event.settled ? withoutOpen(rotation) : rotation;
  const state: RotationState = {
    at: "waiting",
    for: "provider",
    until: event.dueAt,
    reason: event.code,
  };
  return {
    ...base,
    failures: rotation.failures + 1,
    lastFault: event.code,
    state,
    dueAt: event.dueAt,
  };
};

type LaterEvent = Exclude<
  RotationEvent,
  {
    type:
      | "rotation.proceeded"
      | "rotation.planned"
      | "rotation.step-intended"
      | "rotation.step-confirmed"
      | "rotation.step-failed"
      | "rotation.waiting"
      | "rotation.halted"
      | "rotation.resumed";
  }
>;

const evolveLater = (rotation: Rotation, event: LaterEvent): Rotation => {
  switch (event.type) {
    case "rotation.escalated": {
      const { successor, dying, wanted } = event.joined;
      const { successor: _before, ...rest } = rotation;
      const joined = {
        ...rest,
        dying,
        wanted,
        causes: withCause(rotation, event.cause),
        done: withoutAttest(rotation),
        undoing: event.joined.undoing ?? false,
        mode: freerMode(rotation.mode, event.mode),
        approved: rotation.approved || event.approved === true,
        state: running,
        failures: 0,
      };
      return successor === undefined ? joined : { ...joined, successor };
    }
    case "rotation.approved":
      return evolveApproval(rotation, event);
    case "rotation.withdrawn":
      return { ...rotation, state: { at: "withdrawn", reason: event.reason }, endedAt: event.at };
    case "rotation.undo-asked":
      return { ...rotation, undoing: true, done: withoutAttest(rotation), state: running };
    case "rotation.announced":
      return evolveAnnouncement(rotation, event);
    case "rotation.drained":
      return { ...rotation, moved: event.moved, unmoved: event.unmoved };
    case "rotation.completed":
    case "rotation.undone":
    case "rotation.would-have":
      return { ...rotation, state: { at: endOf[event.type] }, endedAt: event.at };
  }
};

/** A new grace begins, so a word that consumers may be cut off, said before it, no longer counts. */
const evolveAnnouncement = (
  rotation: Rotation,
  { at, graceEndsAt }: Extract<RotationEvent, { type: "rotation.announced" }>,
): Rotation => ({ ...rotation, state: running, announcedAt: at, graceEndsAt, cutOff: false });

const endOf = {
  "rotation.completed": "completed",
  "rotation.undone": "undone",
  "rotation.would-have": "would-have",
} as const;
