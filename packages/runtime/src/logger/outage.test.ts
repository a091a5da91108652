import { Fault } from "@rekey/domain";
import { beforeEach, expect, test } from "vitest";
import { createOutage, type Outage } from "./outage.ts";

let now = 0;
let lines: unknown[] = [];
let outage: Outage;
const note =
  (level: string) =>
  (message: string, fields?: object): void =>
    void lines.push([level, message, fields]);
const fail = (): void => outage.failed(new Fault("JOBS_UNREACHABLE"));

beforeEach(() => {
  now = 0;
  lines = [];
  outage = createOutage({
    part: "jobs",
    clock: { monotonicMs: () => now },
    log: { warn: note("warn"), info: note("info") },
  });
});

test("five minutes away, asked each second, are one line at the start, one a minute, one at the end", () => {
  for (now = 0; now < 300_000; now += 1_000) fail();
  for (; now < 400_000; now += 1_000) outage.answered();
  expect(lines).toMatchObject([
    ["warn", "a part went away", { component: "jobs", code: "JOBS_UNREACHABLE" }],
    ...[1, 2, 3, 4].map((minute) => [
      "warn",
      "a part is still away",
      { component: "jobs", durationMs: minute * 60_000, count: minute * 60 + 1 },
    ]),
    ["info", "a part is back", { component: "jobs", count: 300, durationMs: 300_000 }],
  ]);
});

test("an answer between two failures is no end, and the next outage is told again", () => {
  for (now = 0; now < 30_000; now += 2_000) {
    fail();
    outage.answered();
  }
  expect(lines).toHaveLength(1);
  now += 5_000;
  outage.answered();
  fail();
  expect(lines).toHaveLength(3);
});

test("an outage lasts until the first answer after the last failure, however few have asked meanwhile", () => {
  fail();
  expect(outage.away()).toBe(true);
  now = 30_000;
  outage.answered();
  expect(lines.at(-1)).toMatchObject(["info", "a part is back", { durationMs: 30_000, count: 1 }]);
  expect(outage.away()).toBe(false);
  fail();
  now += 2_000;
  outage.answered();
  now += 1_000;
  fail();
  now += 3_000;
  outage.answered();
  expect(outage.away()).toBe(true);
  now += 3_000;
  outage.answered();
  expect(lines.at(-1)).toMatchObject(["info", "a part is back", { durationMs: 6_000, count: 2 }]);
});

test("an answer that is told of later counts from when it was, and never before the last failure", () => {
  fail();
  now = 20_000;
  outage.answered(14_000);
  fail();
  now = 30_000;
  outage.answered(29_000);
  fail();
  now = 40_000;
  outage.answered(29_000);
  expect(lines.filter((line) => JSON.stringify(line).includes("back"))).toMatchObject([
    ["info", "a part is back", { durationMs: 14_000 }],
    ["info", "a part is back", { durationMs: 9_000 }],
    ["info", "a part is back", { durationMs: 0 }],
  ]);
});

test("a part that answers is not told of", () => {
  for (; now < 100_000; now += 1_000) outage.answered();
  expect(lines).toEqual([]);
});

test("each line of an outage names the part's own code and the loop that met it last", () => {
  outage.failed(new Fault("LEDGER_UNREACHABLE", { providerCode: "42501" }), "relay");
  now = 60_000;
  outage.failed(new Fault("LEDGER_UNREACHABLE", { providerCode: "57014" }), "beat");
  expect(lines).toMatchObject([
    ["warn", "a part went away", { providerCode: "42501", loop: "relay" }],
    ["warn", "a part is still away", { providerCode: "57014", loop: "beat" }],
  ]);
});
