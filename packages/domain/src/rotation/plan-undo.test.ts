import { expect, test } from "vitest";
import { isRefusal } from "../refusal.ts";
import { decideRotation } from "./decide.ts";
import { evolveRotation } from "./evolve.ts";
import type { PlanFacts } from "./plan-facts.ts";
import { planRotation } from "./plan.ts";
import { dual, exposure, facts, keysOf, rotation, version } from "./rotation.fixture.ts";

const undoOf = (part: Partial<PlanFacts>): string => {
  const plan = planRotation(facts({ undoing: true, ...part }));
  return isRefusal(plan) ? `refused: ${plan.refused}` : keysOf(plan).join(" ");
};

const arrived = ["stage#2", "mint#2", "verify#2"];
const promoted = [...arrived, "promote#2", "announce#2"];
const moved = [version(1, { label: "previous" }), version(2)];

test("before promotion readers never left: the new version dies", () => {
  const versions = [version(1), version(2, { label: "pending" })];
  expect(undoOf({ versions, done: arrived })).toBe("reinstate#1 retire#2 prove#2 revoke#2 attest");
});

test("after promotion readers and consumers go back before the new version dies", () => {
  expect(undoOf({ versions: moved, done: promoted })).toBe(
    "reinstate#1 promote#1<2 announce#1<2 drain#1<2 retire#2 prove#2 revoke#2 attest",
  );
});

test("a suspended old version works again before readers are sent to it", () => {
  const versions = [version(1, { label: "previous", life: "suspended" }), version(2)];
  expect(undoOf({ versions, done: [...promoted, "drain#2", "retire#1", "prove#1"] })).toMatch(
    /^reinstate#1 promote#1<2 announce#1<2 /,
  );
});

test("once the labels have moved back the plan goes on from there", () => {
  const versions = [version(1), version(2, { label: "previous" })];
  const done = [...promoted, "reinstate#1", "promote#1<2", "announce#1<2"];
  expect(undoOf({ versions, done })).toBe("drain#1<2 retire#2 prove#2 revoke#2 attest");
});

test("without suspension there is nothing to reinstate, and the new version ends before its proof", () => {
  expect(
    undoOf({ versions: moved, done: promoted, capabilities: { ...dual, canSuspend: false } }),
  ).toBe("promote#1<2 announce#1<2 drain#1<2 revoke#2 prove#2 attest");
});

test("a new version that leaked meanwhile is stopped as soon as readers are back", () => {
  const versions = [version(1, { label: "previous" }), version(2, { exposedAt: 50 })];
  expect(undoOf({ versions, done: promoted, causes: [exposure({ version: 2 })] })).toBe(
    "reinstate#1 promote#1<2 contain#2 announce#1<2 drain#1<2 prove#2 revoke#2 attest",
  );
});

test("a value that was never minted is ended, not suspended", () => {
  const versions = [version(1), version(2, { label: "pending", life: "planned" })];
  expect(undoOf({ versions, done: ["stage#2"] })).toBe("reinstate#1 revoke#2 prove#2 attest");
});

test("nobody goes back to an exposed version", () => {
  const versions = [version(1, { label: "previous", exposedAt: 50 }), version(2)];
  expect(undoOf({ versions, done: promoted })).toBe("refused: EXPOSED");
});

test("a cutover has no way back", () => {
  expect(undoOf({ versions: moved, done: ["cutover#2"] })).toBe("refused: UNSUPPORTED");
});

test("a first version that readers use has nothing before it", () => {
  const first = { versions: [version(1)], dying: [], successor: 1, done: ["promote#1"] };
  expect(undoOf(first)).toBe("refused: WRONG_STATE");
});

const context = { now: 2_000, versions: moved };
const underWay = rotation({ dying: [1], successor: 2, done: promoted });

test.each([
  ["an irreversible end was intended", { done: [...promoted, "revoke#1"] }, moved, "WRONG_STATE"],
  [
    "an irreversible end is open",
    { open: { key: "revoke#1", attempt: 1, intendedAt: 1 } },
    moved,
    "WRONG_STATE",
  ],
  ["the old version is ending", {}, [version(1, { life: "ending" }), version(2)], "WRONG_STATE"],
  ["the old version is exposed", {}, [version(1, { exposedAt: 5 }), version(2)], "EXPOSED"],
  ["a cutover was done", { done: ["cutover#2"] }, moved, "UNSUPPORTED"],
  ["it is being undone", { undoing: true }, moved, "ALREADY_DONE"],
  ["nothing is before it", { dying: [] }, [version(2)], "WRONG_STATE"],
])("undo is refused when %s", (...[, part, versions, refused]) => {
  const answer = decideRotation({ ...underWay, ...part }, { type: "undo" }, { now: 1, versions });
  expect(answer).toMatchObject({ refused });
});

test("a reinstated version may be stopped again, and a stopped one reinstated again", () => {
  const stopped = { ...underWay, done: [...promoted, "contain#1", "prove#1"] };
  const confirm = (from: typeof underWay, key: string): typeof underWay => {
    const open = { key, attempt: 1, intendedAt: 1 };
    const event = decideRotation({ ...from, open }, { type: "confirm", key }, context);
    return isRefusal(event) ? from : evolveRotation({ ...from, open }, event);
  };
  const back = confirm(stopped, "reinstate#1");
  expect(back.done).toEqual([...promoted, "reinstate#1"]);
  expect(confirm(back, "contain#1").done).toEqual([...promoted, "contain#1"]);
});

test("an undone rotation ends as undone", () => {
  const last = rotation({ undoing: true, done: ["attest"] });
  const event = decideRotation(last, { type: "complete" }, context);
  expect(event).toMatchObject({ type: "rotation.undone" });
});
