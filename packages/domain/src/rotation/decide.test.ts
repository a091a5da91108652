import { expect, test } from "vitest";
import { caseId } from "../ids.ts";
import { isRefusal } from "../refusal.ts";
import { rotationCommandNames, rotationTransitions, type RotationCommand } from "./commands.ts";
import { decideRotation } from "./decide.ts";
import { evolveRotation } from "./evolve.ts";
import { exposure, rotation, version } from "./rotation.fixture.ts";
import {
  isTerminal,
  rotationStates,
  severityOf,
  type Rotation,
  type RotationState,
  type RotationStateName,
} from "./rotation.ts";

const halt = { code: "GRACE_OVER", reason: "grace ended", nextSafeAction: "move them" } as const;

const states: Readonly<Record<RotationStateName, RotationState>> = {
  running: { at: "running" },
  waiting: { at: "waiting", for: "consumers", until: 9_000, reason: "not moved yet" },
  halted: { at: "halted", halt },
  completed: { at: "completed" },
  undone: { at: "undone" },
  withdrawn: { at: "withdrawn", reason: "not needed" },
  "would-have": { at: "would-have" },
};

const commands: Readonly<Record<RotationCommand["type"], RotationCommand>> = {
  proceed: { type: "proceed" },
  plan: { type: "plan", plan: [] },
  intend: { type: "intend", key: "mint#2" },
  confirm: { type: "confirm", key: "stage#2" },
  fail: { type: "fail", key: "stage#2", code: "STORE_LOCKED", dueAt: 5_000, settled: true },
  wait: { type: "wait", for: "time", until: 5_000, reason: "not yet" },
  halt: { type: "halt", halt, dueAt: 5_000 },
  resume: { type: "resume", cutOff: true },
  escalate: {
    type: "escalate",
    escalation: { cause: exposure({ version: 1 }), versions: [1], wanted: "successor" },
  },
  approve: { type: "approve" },
  withdraw: { type: "withdraw", reason: "dismissed" },
  undo: { type: "undo" },
  announced: { type: "announced", at: 3_000, graceEndsAt: 8_000 },
  drained: { type: "drained", moved: ["billing"], unmoved: [] },
  complete: { type: "complete" },
  observe: { type: "observe" },
};

/** A history in which the content of every command is right, so that only the state decides. */
const ready = (at: RotationStateName, command: RotationCommand["type"]): Rotation => {
  const open = { open: { key: "stage#2", attempt: 1, intendedAt: 1 } };
  const done = command === "withdraw" ? [] : command === "complete" ? ["attest"] : ["contain#1"];
  return rotation({ state: states[at], done, ...(command === "confirm" ? open : {}) });
};

const context = { now: 2_000, versions: [version(1)] };
const pairs = rotationStates.flatMap((at) =>
  rotationCommandNames.map((command) => [at, command] as const),
);
const allowed = pairs.filter(([at, command]) => rotationTransitions[at][command] !== undefined);
const forbidden = pairs.filter(([at, command]) => rotationTransitions[at][command] === undefined);

test("the tables name every state and every command", () => {
  expect(Object.keys(rotationTransitions)).toEqual([...rotationStates]);
  expect(Object.keys(commands).sort()).toEqual([...rotationCommandNames].sort());
  expect(allowed).toHaveLength(30);
});

test.each(allowed)("a rotation that is %s may %s", (at, command) => {
  const before = ready(at, command);
  const event = decideRotation(before, commands[command], context);
  if (isRefusal(event)) throw new Error(event.reason);
  const next = [rotationTransitions[at][command]].flat()[0];
  expect(evolveRotation(before, event).state.at).toBe(next);
});

test.each(forbidden)("a rotation that is %s does not %s", (at, command) => {
  const before = ready(at, command);
  const event = decideRotation(before, commands[command], context);
  expect(event).toMatchObject({ refused: "WRONG_STATE" });
  expect(before).toEqual(ready(at, command));
});

const decided = (part: Partial<Rotation>, command: RotationCommand) => {
  const before = rotation(part);
  const event = decideRotation(before, command, context);
  return isRefusal(event) ? event : evolveRotation(before, event);
};

test("what has had an effect is undone, never withdrawn", () => {
  const open = { key: "mint#2", attempt: 1, intendedAt: 1 };
  expect(decided({ done: ["stage#2"] }, commands.withdraw)).toMatchObject({
    refused: "WRONG_STATE",
  });
  expect(decided({ open }, commands.withdraw)).toMatchObject({ refused: "WRONG_STATE" });
});

test("only the step that was intended is confirmed, and none twice", () => {
  const open = { key: "mint#2", attempt: 1, intendedAt: 1 };
  expect(decided({ open }, commands.confirm)).toMatchObject({ refused: "WRONG_STATE" });
  expect(decided({}, commands.confirm)).toMatchObject({ refused: "WRONG_STATE" });
  expect(decided({ done: ["mint#2"] }, commands.intend)).toMatchObject({ refused: "ALREADY_DONE" });
});

test("a rotation is complete only when nothing is open and the provider's list is attested", () => {
  const open = { key: "attest", attempt: 1, intendedAt: 1 };
  expect(decided({ done: ["attest"], open }, commands.complete)).toHaveProperty("refused");
  expect(decided({ done: ["revoke#1"] }, commands.complete)).toHaveProperty("refused");
  expect(decided({ done: ["attest"] }, commands.complete)).toMatchObject({ endedAt: 2_000 });
});

test("an intent counts its attempts, and a confirmation forgets the failures", () => {
  const first = decided({ failures: 2 }, commands.intend);
  expect(first).toMatchObject({ open: { key: "mint#2", attempt: 3, intendedAt: 2_000 } });
  const open = { key: "mint#2", attempt: 3, intendedAt: 1 };
  expect(decided({ open }, commands.intend)).toMatchObject({ open: { attempt: 4 } });
  const part = {
    open: { ...open, key: "stage#2" },
    failures: 2,
    lastFault: "STORE_LOCKED" as const,
  };
  const confirmed = decided(part, commands.confirm);
  expect(confirmed).toMatchObject({ done: ["stage#2"], failures: 0 });
  expect(confirmed).not.toHaveProperty("open");
  expect(confirmed).not.toHaveProperty("lastFault");
});

test("a failure whose outcome is unknown stays open to be confirmed first", () => {
  const open = { key: "stage#2", attempt: 1, intendedAt: 1 };
  const unknown = { ...commands.fail, settled: false } as RotationCommand;
  expect(decided({ open }, unknown)).toMatchObject({ open, failures: 1, dueAt: 5_000 });
  const settled = decided({ open }, commands.fail);
  expect(settled).not.toHaveProperty("open");
  expect(settled).toMatchObject({ lastFault: "STORE_LOCKED", state: { for: "provider" } });
});

const sound = (...asked: Parameters<typeof decided>): Rotation => {
  const answer = decided(...asked);
  if (isRefusal(answer)) throw new Error(answer.reason);
  return answer;
};

test("people who approve are counted once each, for the case they approved", () => {
  const causes = [
    { kind: "exposure", case: caseId("one"), at: 1 },
    { kind: "manual", case: caseId("two"), at: 1 },
  ] as const;
  const approve = (by: string, one: string): RotationCommand => ({
    type: "approve",
    by,
    case: caseId(one),
  });
  const once = sound({ causes }, approve("ada", "one"));
  const again = sound(once, approve("ada", "one"));
  expect(again).toMatchObject({ approved: true, approvals: 1 });
  const other = sound(again, approve("ada", "two"));
  expect(other.approvals).toBe(1);
  expect(other.causes.map((cause) => cause.approvedBy)).toEqual([["ada"], ["ada"]]);
  expect(sound(other, approve("grace", "one")).approvals).toBe(2);
});

test("a step that is tried again keeps the moment of its first intent", () => {
  const open = { key: "mint#2", attempt: 1, intendedAt: 1 };
  expect(sound({ open }, { type: "intend", key: "mint#2" }).open).toEqual({
    ...open,
    attempt: 2,
  });
});

test("a joining case that may do more frees the rotation, one that may do less does not bind it", () => {
  const escalate = commands.escalate as Extract<RotationCommand, { type: "escalate" }>;
  const joining = (mode: "act" | "observe"): RotationCommand => ({
    type: "escalate",
    escalation: { ...escalate.escalation, mode },
  });
  expect(sound({ mode: "propose" }, joining("act")).mode).toBe("act");
  expect(sound({ mode: "propose" }, joining("observe")).mode).toBe("propose");
});

test("a person's word is kept: a cut-off stays", () => {
  expect(decided({ cutOff: true }, { type: "resume", cutOff: false })).toMatchObject({
    cutOff: true,
  });
  expect(decided({}, commands.announced)).toMatchObject({ announcedAt: 3_000, graceEndsAt: 8_000 });
  expect(decided({}, commands.drained)).toMatchObject({ moved: ["billing"], unmoved: [] });
});

test("a state is an end exactly when nothing may follow it", () => {
  for (const at of rotationStates)
    expect(isTerminal(rotation({ state: states[at] }))).toBe(
      Object.keys(rotationTransitions[at]).length === 0,
    );
});

test("an exposure makes an incident, an end without successor a retirement, the rest is planned", () => {
  const schedule = rotation().causes;
  expect(severityOf({ causes: [...schedule, exposure()], wanted: "none" })).toBe("incident");
  expect(severityOf({ causes: schedule, wanted: "none" })).toBe("retirement");
  expect(severityOf({ causes: schedule, wanted: "successor" })).toBe("planned");
});
