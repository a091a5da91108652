import { expect, test } from "vitest";
import { stateDiagram } from "./state-diagram.ts";

test("commands that lead from one state to another share an arrow", () => {
  const drawn = stateDiagram({
    running: { fail: "waiting", wait: "waiting" },
    waiting: { proceed: "running" },
  });
  expect(drawn).toContain("running --> waiting : fail, wait");
  expect(drawn).toContain("waiting --> running : proceed");
});

test("the first state is the start and a state with no way out an end", () => {
  const drawn = stateDiagram({ running: { observe: "would-have" }, "would-have": {} });
  expect(drawn).toContain("[*] --> running");
  expect(drawn).toContain("would_have --> [*]");
  expect(drawn).not.toContain("running --> [*]");
});

test("a command with two outcomes draws both", () => {
  const drawn = stateDiagram({ watching: { dead: ["watching", "ended"] }, ended: {} });
  expect(drawn).toContain("watching --> watching : dead");
  expect(drawn).toContain("watching --> ended : dead");
});

test("a table without commands draws bare arrows", () => {
  expect(stateDiagram({ ending: ["revoked"], revoked: [] })).toContain("ending --> revoked\n");
});
