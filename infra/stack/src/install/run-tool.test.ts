import { expect, test } from "vitest";
import { runTool } from "./run-tool.ts";

const environment = { cache: "/nowhere", partsRequired: false, variables: {} };
const shape = { command: process.execPath, folder: "/", environment, maxMs: 60_000 };

test("its output is the answer, and each line is told as it comes", async () => {
  const lines: string[] = [];
  const args = ["-e", "console.log('one'); console.error('two')"];
  expect(await runTool({ ...shape, args, onLine: (line) => lines.push(line) })).toBe("one\n");
  expect(lines.toSorted()).toEqual(["one", "two"]);
});

test("a failure says the exit code and the last lines", async () => {
  const args = ["-e", "console.error('no route to host'); process.exit(3)"];
  await expect(runTool({ ...shape, args })).rejects.toMatchObject({
    code: "INSTALL_FAILED",
    message: expect.stringMatching(/ended with 3; it said:\nno route to host$/),
  });
});

test("a program that is not there is told apart from one that failed", async () => {
  const missing = runTool({ ...shape, command: "no-such-program", args: [] });
  await expect(missing).rejects.toMatchObject({ code: "TOOL_MISSING" });
});

test("a program that does not end is ended", async () => {
  const args = ["-e", "setInterval(() => {}, 1000)"];
  const hanging = runTool({ ...shape, args, maxMs: 300 });
  await expect(hanging).rejects.toMatchObject({ message: expect.stringContaining("SIGKILL") });
});
