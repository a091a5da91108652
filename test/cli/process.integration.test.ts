import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const mainFile = fileURLToPath(new URL("../../services/rekey/src/main.ts", import.meta.url));

const rekey = async (words: readonly string[], environment: Record<string, string> = {}) => {
  const child = spawn(process.execPath, [mainFile, ...words], {
    env: environment,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const [out, err, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, "close") as Promise<[number | null]>,
  ]);
  return { code, out, err };
};

test("the process ends with the command's exit code, and speaks where it should", async () => {
  const socket = { REKEY_SOCKET: "/nonexistent/rekey.sock" };
  const { code, out, err } = await rekey(["case", "list"], socket);
  expect([code, out]).toEqual([3, ""]);
  expect(err).toContain("no gateway answers at /nonexistent/rekey.sock");
});

test("a configuration with problems stops the start with all of them, exit 2", async () => {
  const environment = { REKEY_LOG_LEVEL: "loud", REKEY_OPERATIONS_PORT: "99999" };
  const { code, out, err } = await rekey(["up", "--config", "/nonexistent.yaml"], environment);
  expect(code).toBe(2);
  expect(out + err).toContain("/nonexistent.yaml");
  const second = await rekey(["up"], environment);
  expect(second.code).toBe(2);
  expect(second.err).toContain("logLevel");
  expect(second.err).toContain("operationsPort");
});

test("which gateway to ask is no setting of services: their commands do not mind it", async () => {
  const environment = {
    REKEY_SOCKET: "/nonexistent/rekey.sock",
    REKEY_URL: "https://rekey.internal",
  };
  const { err } = await rekey(["ledger", "migrate", "--config", "/nonexistent.yaml"], environment);
  expect(err).toContain("/nonexistent.yaml");
  expect(err).not.toContain("REKEY_");
});
