import { AsyncResource } from "node:async_hooks";
import { spawn } from "node:child_process";
import { EventEmitter } from "node:events";
import { createServer } from "node:net";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startLeakCheck, withoutLeaks } from "./leaks.ts";
import { freshDatabase } from "./postgres/database.ts";
import type { FreshDatabase } from "./postgres/database.ts";

let database: FreshDatabase;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.drop());

// What is left stays left: no wait finds less of it.
const soon = { withinMs: 50 };

test("a body that cleans up passes, with its result", async () => {
  const options = { databaseUrls: [database.url] };
  const result = await withoutLeaks(async () => {
    const client = new pg.Client(database.url);
    await client.connect();
    const { rows } = await client.query("select 42 as answer");
    await client.end();
    return rows[0].answer;
  }, options);
  expect(result).toBe(42);
});

test("a timer that was left running is found", async () => {
  const check = startLeakCheck();
  const timer = setInterval(() => {}, 60_000);
  await expect(check.expectNone(soon)).rejects.toThrow("left behind: 1 Timeout");
  clearInterval(timer);
  await check.expectNone();
});

test("a child process that was left running is found", async () => {
  const check = startLeakCheck();
  const child = spawn("tail", ["-f", "/dev/null"], { stdio: "ignore" });
  await expect(check.expectNone(soon)).rejects.toThrow("left behind: 1 PROCESSWRAP");
  child.kill("SIGKILL");
  await check.expectNone();
});

test("what somebody else opens at the same time, and what lets the process end, does not count", async () => {
  let opened: NodeJS.Timeout | undefined;
  const somebodyElse = new EventEmitter();
  somebodyElse.once(
    "open",
    AsyncResource.bind(() => void (opened = setInterval(() => {}, 60_000))),
  );
  await withoutLeaks(async () => {
    somebodyElse.emit("open");
    setInterval(() => {}, 60_000).unref();
  });
  expect(opened).toBeDefined();
  clearInterval(opened);
});

test("a listening server that was left open is found", async () => {
  const check = startLeakCheck();
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  await expect(check.expectNone(soon)).rejects.toThrow("left behind: 1 TCPSERVERWRAP");
  await new Promise((resolve) => server.close(resolve));
  await check.expectNone();
});

test("a session that was left open is found by name and state", async () => {
  const check = startLeakCheck({ databaseUrls: [database.url] });
  const settings = { connectionString: database.url, application_name: "forgetful" };
  const client = new pg.Client(settings);
  await client.connect();
  await client.query("begin");
  await expect(check.expectNone(soon)).rejects.toThrow("1 session forgetful (idle in transaction)");
  await client.end();
  await check.expectNone();
});
