import { Fault } from "@rekey/domain";
import { Secret } from "@rekey/secret";
import { expect, test } from "vitest";
import { createLog } from "./logger.ts";
import type { LogOptions } from "./logger.ts";
import type { Log, LogFields } from "./log.ts";

const canary = "cNry7-value";

function recorded(use: (log: Log) => void, options: LogOptions = {}): string {
  let output = "";
  use(createLog({ ...options, destination: { write: (line) => void (output += line) } }));
  return output;
}

function lineOf(fields: LogFields): Record<string, unknown> {
  return JSON.parse(recorded((log) => log.info("constant message", fields)));
}

test("a line has time, level, message and the allowed fields", () => {
  const { time, ...rest } = lineOf({ rotationId: "r1", attempt: 2, count: 12n, state: undefined });
  expect(new Date(time as string).getFullYear()).toBeGreaterThan(2000);
  const fields = { rotationId: "r1", attempt: 2, count: "12" };
  expect(rest).toEqual({ level: "info", message: "constant message", ...fields });
});

test("fields of `with` are on every line below it", () => {
  const output = recorded((log) => log.with({ component: "a" }).with({ step: "mint" }).info("m"));
  expect(JSON.parse(output)).toMatchObject({ component: "a", step: "mint" });
});

test("a field that is not on the list is dropped, at any level and in any binding", () => {
  const stray = { password: canary, payload: { deep: canary } } as LogFields;
  const output = recorded(
    (log) => {
      log.with(stray).error("constant message", stray);
      log.debug("constant message", { __proto__: stray } as LogFields);
    },
    { level: "debug", fields: stray },
  );
  expect(output).not.toContain(canary);
});

test("an allowed field takes plain values only", () => {
  const smuggled = { reason: { deep: canary }, code: [canary], step: Secret.fromUtf8(canary) };
  const { reason, code, step } = lineOf(smuggled as unknown as LogFields);
  expect([reason, code, step]).toEqual([undefined, undefined, undefined]);
});

test("a long text is cut", () => {
  expect(lineOf({ reason: "x".repeat(1_000) })["reason"]).toHaveLength(256);
});

test("of a foreign error and its causes only codes and places are written", () => {
  const cause = Object.assign(new Error(`connect postgres://u:${canary}@h`), {
    code: "ECONNRESET",
  });
  const error = new TypeError(`bad value ${canary}\n    at ${canary} (file.ts:1:1)`, { cause });
  const output = recorded((log) => log.error("constant message", { error }));
  expect(output).not.toContain(canary);
  const described = JSON.parse(output).error;
  expect(described).toMatchObject({ code: "TypeError", causes: ["ECONNRESET"] });
  expect(described.frames[0]).toMatch(/logger\.test\.ts/);
});

test("an error whose message was changed shows no frames", () => {
  const error = new Error(`first\n    at ${canary} (file.ts:1:1)`);
  // The stack is fixed when it is first asked for.
  expect(error.stack).toContain("first");
  error.message = "second";
  expect(lineOf({ error })["error"]).toEqual({ code: "Error" });
});

test("an error that names itself after a value gets no name", () => {
  for (const named of [{ name: canary }, { code: canary }, { code: { deep: canary } }]) {
    const error = Object.assign(new Error(canary), named);
    expect(JSON.stringify(lineOf({ error }))).not.toContain(canary);
  }
});

test("what is thrown and is not an error is not written", () => {
  expect(lineOf({ error: canary })["error"]).toEqual({ code: "NOT_AN_ERROR" });
});

test("our own faults show their public text and the codes of their causes", () => {
  const cause = Object.assign(new Error(canary), { code: "28P01" });
  const described = lineOf({ error: new Fault("PROVIDER_UNREACHABLE", { cause }) })["error"];
  const text = "the provider does not answer";
  expect(described).toEqual({ code: "PROVIDER_UNREACHABLE", text, causes: ["28P01"] });
});

test("an error that causes itself ends", () => {
  const error = new Error("a");
  error.cause = error;
  expect(JSON.stringify(lineOf({ error })).length).toBeLessThan(2_000);
});
