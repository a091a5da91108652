import { hour, minute } from "@rekey/domain";
import { expect, test } from "vitest";
import { auditCells, eventLine, type EventShown } from "./event-line.ts";
import { hanging } from "./hanging.ts";
import { nearest } from "./nearest.ts";
import { createPaint } from "./paint.ts";
import { stateText, stateWord } from "./state.ts";
import { columns, pairs, table } from "./table.ts";
import { dueText, lengthText, relative, seconds } from "./time.ts";

const plain = createPaint(false);
const coloured = createPaint(true);

test("columns are as wide as what is seen in them, colours or not", () => {
  const rows = (paint: typeof plain) => [
    [paint.good("ok"), "a"],
    ["failed", "b"],
  ];
  expect(table(["state", "x"], rows(plain))).toBe("state   x\nok      a\nfailed  b");
  const [, line = ""] = table(["state", "x"], rows(coloured)).split("\n");
  expect(line).toBe("\u001B[32mok\u001B[39m      a");
});

const rows = [
  { cells: ["part", ""], texts: ["found"] },
  { cells: ["ledger", plain.good("ok")], texts: ["PostgreSQL 18.4 answers in 161 ms"] },
  {
    cells: ["controls of shop-postgres", "failed"],
    texts: [
      "PROOF_CONTROL_FAILED (negative-control alive 28P01)",
      "next: it lets in a wrong value: make it ask for the right one (PostgreSQL: no `trust` in pg_hba.conf)",
    ],
  },
];

test.each([60, 80, 100, 140])("long rows stay within a terminal of %i columns", (width) => {
  const lines = hanging(rows, width).split("\n");
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(width);
  const words = rows.flatMap(({ cells, texts }) => [...cells, ...texts]).join(" ");
  const read = (text: string): readonly string[] =>
    text.split(/\s+/u).filter((word) => word !== "");
  expect(lines.flatMap(read).toSorted()).toEqual([...read(words)].toSorted());
});

test("what a row goes on with stands below its beginning, and in a narrow terminal below the row", () => {
  expect(hanging(rows.slice(0, 2), 44)).toBe(
    "part        found\nledger  ok  PostgreSQL 18.4 answers in 161\n            ms",
  );
  expect(hanging(rows.slice(1, 2), 30)).toBe(
    "ledger  ok\n    PostgreSQL 18.4 answers in\n    161 ms",
  );
});

test("a word that is wider than the terminal is not broken", () => {
  const word = "x".repeat(90);
  expect(hanging([{ cells: ["part"], texts: [`a ${word} b`] }], 60)).toContain(`\n      ${word}\n`);
});

test("what has no value is not listed", () => {
  expect(
    pairs([
      ["id", "1"],
      ["owner", undefined],
      ["state", ""],
    ]),
  ).toBe("id  1");
});

test("times are told by their largest whole unit", () => {
  expect(lengthText(90 * minute)).toBe("1 h");
  expect(relative(1_000_000, 1_000_000 + 3 * minute)).toBe("3 min ago");
  expect(relative(1_000_000 + 2 * hour, 1_000_000)).toBe("in 2 h");
  expect(relative(1_000_000, 1_000_400)).toBe("now");
  expect(dueText(1_000_000, 1_000_000 + 4 * hour)).toBe("overdue");
  expect(dueText(1_000_000 + 2 * hour, 1_000_000)).toBe("in 2 h");
  expect(dueText(1_000_000, 1_000_400)).toBe("now");
  expect(seconds(12_340)).toBe("12.3 s");
});

test("a slip leads to the nearest name, and nonsense to none", () => {
  const names = ["payments-db", "orders-db"];
  expect(nearest("paymets-db", names)).toBe("payments-db");
  expect(nearest("ord", names)).toBe("orders-db");
  expect(nearest("warehouse", names)).toBeUndefined();
  expect(nearest("x".repeat(500), names)).toBeUndefined();
});

test("a halt names its code, a wait what it is for", () => {
  const halt = { code: "GRACE_OVER", reason: "grace ended", nextSafeAction: "move them" } as const;
  expect(stateWord({ at: "halted", halt }, plain)).toBe("halted GRACE_OVER");
  const wait = { at: "waiting", for: "approval", until: 60_000, reason: "it proposes" } as const;
  expect(stateText(wait, plain, { now: 0 })).toBe(
    "waiting for approval (it proposes), looks again in 1 min",
  );
});

test("a case that waits for its rotations says which, and what they do", () => {
  const wait = { at: "waiting", for: "rotations", until: 60_000, reason: "2 run" } as const;
  const consumers = { at: "waiting", for: "consumers", until: 1, reason: "not moved" } as const;
  const one = { rotations: 1, first: [{ credential: "payments-db", state: consumers }] };
  expect(stateWord(wait, plain, one)).toBe(
    "waiting for 1 rotation (payments-db: waits for consumers)",
  );
  expect(stateText(wait, plain, { now: 0, waitsOn: { ...one, rotations: 2 } })).toBe(
    "waiting for 2 rotations (payments-db: waits for consumers, …), looks again in 1 min",
  );
});

const event = (part: Partial<EventShown>): EventShown => ({
  id: "1",
  type: "rotation.step-confirmed",
  actor: { id: "rekey", authenticated: "internal" },
  reason: "done",
  credential: "payments-db",
  detail: {},
  at: 12_300,
  build: "test",
  digest: "00",
  position: 0,
  ...part,
});

test("a step's line has its time since the start, its key and its outcome", () => {
  expect(eventLine(event({ detail: { step: "contain#1" } }), 0, plain)).toBe(
    "   12.3 s  contain#1 payments-db   confirmed",
  );
  const failed = event({
    type: "rotation.step-failed",
    detail: { step: "mint#2", code: "PROVIDER_TIMEOUT" },
  });
  expect(eventLine(failed, 0, plain)).toMatch(/mint#2 payments-db +failed PROVIDER_TIMEOUT$/);
});

test("a case says that it waits for its rotations, and a rotation for its provider", () => {
  const waits = (type: EventShown["type"], reason: string) =>
    eventLine(event({ type, detail: { for: reason } }), 0, plain);
  expect(waits("case.waiting", "rotations")).toMatch(/case +waits for its rotations$/);
  expect(waits("rotation.waiting", "provider")).toMatch(/waits for provider: done$/);
});

test("rows that come later stand under those before, and make room only for what is longer", () => {
  const first = columns([
    ["now", "mode.set", "by ann"],
    ["1 s ago", "x", "by bo"],
  ]);
  expect(first.lines).toEqual(["now      mode.set  by ann", "1 s ago  x         by bo"]);
  const later = columns([["now", "x", "by cy"]], first.widths);
  expect(later.lines).toEqual(["now      x         by cy"]);
});

test("an event of the audit log is a row: when, what, about what, by whom, why", () => {
  expect(auditCells(event({}), "now", plain)).toEqual([
    "now",
    "rotation.step-confirmed",
    "payments-db",
    "rekey",
    "done",
  ]);
});

test.each(["later.told", "constructor"])(
  "an event of a later build, %s, is shown as it is",
  (type) => {
    expect(eventLine(event({ type }), 0, plain)).toBeUndefined();
    expect(auditCells(event({ type }), "now", plain)).toContain(type);
  },
);

test("what only auditors need makes no line", () => {
  expect(eventLine(event({ type: "version.staged" }), 0, plain)).toBeUndefined();
});
