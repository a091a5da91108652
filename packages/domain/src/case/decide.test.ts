import { expect, test } from "vitest";
import { caseId, credentialId, rotationId, watchId } from "../ids.ts";
import { isRefusal } from "../refusal.ts";
import {
  caseStates,
  watchStates,
  type Case,
  type CaseState,
  type CaseStateName,
  type Watch,
} from "./case.ts";
import {
  caseCommandNames,
  caseTransitions,
  decideCase,
  evolveCase,
  type CaseCommand,
} from "./decide.ts";
import {
  advanceWatch,
  watchAfterMs,
  watchCommandNames,
  watchTransitions,
  type WatchCommand,
} from "./watch.ts";

const halt = { code: "BREAKER_OPEN", reason: "used up", nextSafeAction: "approve" } as const;

const states: Readonly<Record<CaseStateName, CaseState>> = {
  running: { at: "running" },
  waiting: { at: "waiting", for: "approval", until: 9_000, reason: "proposed" },
  halted: { at: "halted", halt },
  closed: { at: "closed", outcome: "rotated", reason: "done" },
};

const subject = (part: Partial<Case> = {}): Case => ({
  id: caseId("incident"),
  kind: "incident",
  about: "payments-db#1",
  episode: 1,
  step: "resolve",
  state: states.running,
  mode: "act",
  cause: { kind: "exposure", at: 100 },
  producer: "scanner",
  approvedBy: [],
  signals: 1,
  wave: 0,
  failures: 0,
  dueAt: 1_000,
  openedAt: 1_000,
  occurredAt: 100,
  ...part,
});

const commands: Readonly<Record<CaseCommand["type"], CaseCommand>> = {
  proceed: { type: "proceed" },
  advance: { type: "advance", to: "expand" },
  "next-wave": { type: "next-wave", wave: 1 },
  wait: { type: "wait", for: "window", until: 5_000, reason: "closed" },
  fail: { type: "fail", code: "LEDGER_UNREACHABLE", dueAt: 5_000 },
  halt: { type: "halt", halt, dueAt: 5_000 },
  join: { type: "join" },
  approve: { type: "approve", by: "ada" },
  dismiss: { type: "dismiss", reason: "false alarm" },
  close: { type: "close", outcome: "proven-dead", reason: "all dead" },
};

const pairs = caseStates.flatMap((at) => caseCommandNames.map((name) => [at, name] as const));
const allowed = pairs.filter(([at, name]) => caseTransitions[at][name] !== undefined);
const forbidden = pairs.filter(([at, name]) => caseTransitions[at][name] === undefined);

test("the case's table names every state and every command", () => {
  expect(Object.keys(caseTransitions)).toEqual([...caseStates]);
  expect(Object.keys(commands).sort()).toEqual([...caseCommandNames].sort());
  expect(allowed).toHaveLength(18);
});

test.each(allowed)("a case that is %s may %s", (at, name) => {
  const before = subject({ state: states[at] });
  const event = decideCase(before, commands[name], 2_000);
  if (isRefusal(event)) throw new Error(event.reason);
  expect(evolveCase(before, event).state.at).toBe(caseTransitions[at][name]);
});

test.each(forbidden)("a case that is %s does not %s", (at, name) => {
  const before = subject({ state: states[at] });
  expect(decideCase(before, commands[name], 2_000)).toMatchObject({ refused: "WRONG_STATE" });
  expect(before).toEqual(subject({ state: states[at] }));
});

const decided = (part: Partial<Case>, command: CaseCommand) => {
  const before = subject(part);
  const event = decideCase(before, command, 2_000);
  return isRefusal(event) ? event.refused : evolveCase(before, event);
};

test("a case goes forward only, step by step and wave by wave", () => {
  expect(decided({ step: "wave" }, commands.advance)).toBe("WRONG_STATE");
  expect(decided({ step: "expand" }, commands.advance)).toBe("WRONG_STATE");
  expect(decided({ wave: 1 }, commands["next-wave"])).toBe("WRONG_STATE");
  expect(decided({ failures: 3 }, commands.advance)).toMatchObject({ step: "expand", failures: 0 });
});

test("approvers are distinct people and none of them the requester", () => {
  expect(decided({ requestedBy: "ada" }, commands.approve)).toBe("SAME_PERSON");
  expect(decided({ approvedBy: ["ada"] }, commands.approve)).toBe("ALREADY_DONE");
  expect(decided({ approvedBy: ["grace"] }, commands.approve)).toMatchObject({
    approvedBy: ["grace", "ada"],
  });
});

test("the machine's own socket is never a second approver", () => {
  const local = { type: "approve", by: "local:ada" } as const;
  expect(decided({}, local)).toMatchObject({ approvedBy: ["local:ada"] });
  expect(decided({ requestedBy: "grace" }, local)).toBe("SAME_PERSON");
  expect(decided({ approvedBy: ["grace"] }, local)).toBe("SAME_PERSON");
});

test("what a case waits for, failed at and ended with is written down", () => {
  expect(decided({}, commands.wait)).toMatchObject({ dueAt: 5_000, state: { for: "window" } });
  expect(decided({}, commands.fail)).toMatchObject({
    failures: 1,
    lastFault: "LEDGER_UNREACHABLE",
  });
  expect(decided({}, commands.halt)).toMatchObject({ dueAt: 5_000, state: { halt } });
  expect(decided({}, commands.join)).toMatchObject({ signals: 2 });
  expect(decided({}, commands.dismiss)).toMatchObject({
    closedAt: 2_000,
    state: { outcome: "dismissed" },
  });
  expect(decided({}, commands.close)).toMatchObject({ state: { outcome: "proven-dead" } });
});

const watch = (part: Partial<Watch> = {}): Watch => ({
  id: watchId("watch"),
  credential: credentialId("payments-db"),
  version: 1,
  rotation: rotationId("rotation"),
  state: "watching",
  probes: 0,
  failures: 0,
  startedAt: 1_000,
  dueAt: 2_000,
  ...part,
});

const probes: Readonly<Record<WatchCommand["type"], WatchCommand>> = {
  "still-dead": { type: "still-dead" },
  unanswered: { type: "unanswered", dueAt: 7_000 },
  "alive-again": { type: "alive-again" },
};

const watched = (part: Partial<Watch>, command: WatchCommand) =>
  advanceWatch(watch(part), command, { now: 3_000, delays: watchAfterMs });

test.each(watchStates.flatMap((at) => watchCommandNames.map((name) => [at, name] as const)))(
  "a watch that is %s answers %s as its table says",
  (at, name) => {
    const next = watchTransitions[at][name];
    for (const probed of [0, 2]) {
      const after = watched({ state: at, probes: probed }, probes[name]);
      if (next === undefined) expect(after).toMatchObject({ refused: "WRONG_STATE" });
      else expect(next).toContain(isRefusal(after) ? "refused" : after.state);
    }
  },
);

test("a dead version is probed after one hour, one day and seven days, counted from its proof", () => {
  const hour = 3_600_000;
  expect(watchAfterMs).toEqual([hour, 24 * hour, 168 * hour]);
  const second = watched({ failures: 4 }, probes["still-dead"]);
  expect(second).toMatchObject({ probes: 1, failures: 0, dueAt: 1_000 + 24 * hour });
  expect(watched({ probes: 1 }, probes["still-dead"])).toMatchObject({ dueAt: 1_000 + 168 * hour });
  expect(watched({ probes: 2 }, probes["still-dead"])).toMatchObject({
    state: "ended",
    endedAt: 3_000,
  });
});

test("a watch without an answer goes on; one that finds life reopens", () => {
  expect(watched({ probes: 2 }, probes.unanswered)).toMatchObject({
    state: "watching",
    probes: 2,
    failures: 1,
    dueAt: 7_000,
  });
  expect(watched({}, probes["alive-again"])).toMatchObject({ state: "reopened", endedAt: 3_000 });
});
