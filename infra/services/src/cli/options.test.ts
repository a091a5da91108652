import { expect, test } from "vitest";
import { operationsPortOf, serviceKinds } from "../kinds.ts";
import { helpText, readCommand } from "./options.ts";

test("without options each kind is started once", () => {
  expect(readCommand(["up"])).toEqual({
    command: "up",
    replicas: 1,
    json: false,
    folder: undefined,
    stackFolder: undefined,
  });
});

test("logs are of every kind, or of those that are named", () => {
  expect(readCommand(["logs"])).toMatchObject({ kinds: serviceKinds, follow: false });
  expect(readCommand(["logs", "relay", "--follow"])).toMatchObject({
    kinds: ["relay"],
    follow: true,
  });
});

test.each([
  [[], "which command?"],
  [["start"], 'there is no command "start"'],
  [["up", "intake"], '"intake" is one word too many'],
  [["up", "--replicas", "0"], "--replicas wants a number from 1 to 9, not 0"],
  [["up", "--replicas", "many"], "--replicas wants a number from 1 to 9, not many"],
  [["logs", "worker"], 'there is no service "worker"'],
  [["up", "--port", "1"], "'--port'"],
])("%j is refused by its name", (words, reason) => {
  expect(readCommand(words)).toEqual({
    command: "refused",
    reason: expect.stringContaining(reason),
  });
});

test("the help names every command and every option", () => {
  for (const word of [
    "up",
    "status",
    "down",
    "logs",
    "--replicas",
    "--follow",
    "--json",
    "--folder",
  ])
    expect(helpText()).toContain(word);
});

test("no two processes have one port, nor one of the stack's", () => {
  const ports = serviceKinds.flatMap((kind) =>
    [1, 2, 3, 4, 5, 6, 7, 8, 9].map((replica) => operationsPortOf(kind, replica)),
  );
  expect(new Set(ports).size).toBe(ports.length);
  expect(Math.min(...ports)).toBeGreaterThan(19_433);
});
