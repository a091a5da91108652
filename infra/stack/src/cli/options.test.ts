import fc from "fast-check";
import { expect, test } from "vitest";
import { helpText, readCommand } from "./options.ts";
import { partFacts, portsTaken, stackParts } from "./parts.ts";

test("up without more starts every part, and chooses its port itself", () => {
  expect(readCommand(["up"])).toEqual({
    command: "up",
    only: stackParts,
    ports: {},
    sasl: false,
    json: false,
    forget: false,
    folder: undefined,
  });
});

test("parts are started in one order, however they are named", () => {
  expect(readCommand(["up", "--only", "redis,kafka"])).toMatchObject({ only: ["kafka", "redis"] });
});

test.each([
  [["up", "--only", "kafka,mysql"], 'there is no part "mysql"'],
  [["up", "--port", "kafka=0"], "--port wants PART=NUMBER"],
  [["up", "--port", "kafka=65535"], "--port wants PART=NUMBER"],
  [["up", "--port", "mysql=3306"], "--port wants PART=NUMBER"],
  [["up", "--prot", "kafka=1"], "--prot"],
  [["restart"], 'there is no command "restart"'],
  [["up", "down"], '"down" is one word too many'],
  [[], "which command?"],
])("%j is refused by the word that is wrong", (words, reason) => {
  const command = readCommand(words);
  expect(command).toMatchObject({ command: "refused", reason: expect.stringContaining(reason) });
});

test("any ports that are asked for are the ones that are used", () => {
  const port = fc.integer({ min: 1, max: 65_534 });
  const ports = fc.record(Object.fromEntries(stackParts.map((part) => [part, port])));
  fc.assert(
    fc.property(ports, (asked) => {
      const words = Object.entries(asked).flatMap(([part, one]) => ["--port", `${part}=${one}`]);
      expect(readCommand(["up", ...words])).toMatchObject({ ports: asked });
    }),
  );
});

test("every part and its port are in the help", () => {
  for (const part of stackParts)
    expect(helpText()).toMatch(new RegExp(`${part}.*${partFacts[part].port}`));
});

test("no part takes a port of another one, or the one after it", () => {
  const taken = stackParts.flatMap((part) => portsTaken(part, partFacts[part].port));
  expect(new Set(taken).size).toBe(taken.length);
});
