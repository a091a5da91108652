import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { Secret } from "@rekey/secret";
import pg from "pg";
import { afterEach, beforeEach, expect, inject, test } from "vitest";
import { silentLog } from "../logger/silent-log.ts";
import { clientConfig } from "../postgres/connect.ts";
import { isAlive } from "./process-table.ts";
import { startEmbeddedPostgres } from "./start.ts";
import type { EmbeddedPostgres, EmbeddedPostgresOptions } from "./start.ts";

const password = Secret.fromUtf8("p@ss/word with ? and #");
let dataDir: string;
let ended: (() => Promise<unknown>)[];

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "rekey-embedded-"));
  ended = [];
});

afterEach(async () => {
  for (const end of ended.toReversed()) await end();
  await rm(dataDir, { recursive: true, force: true });
});

async function start(options: Partial<EmbeddedPostgresOptions> = {}): Promise<EmbeddedPostgres> {
  const programsDir = inject("programsDir" as never) as string;
  const defaults = { dataDir, programsDir, password, log: silentLog, fsync: false };
  const server = await startEmbeddedPostgres({ ...defaults, ...options });
  ended.push(() => server.stop());
  return server;
}

async function ask(server: EmbeddedPostgres, sql: string): Promise<unknown> {
  const client = new pg.Client(await clientConfig(server.connection));
  client.on("error", () => {});
  await client.connect();
  try {
    const { rows } = await client.query({ text: sql, rowMode: "array" });
    return rows[0]?.[0];
  } finally {
    await client.end();
  }
}

async function fixture(
  binding: "bound" | "free" = "free",
): Promise<{ owner: ChildProcess; serverPid: number }> {
  const file = join(import.meta.dirname, "owner.fixture.ts");
  const owner = spawn(process.execPath, [file, dataDir, binding], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  ended.push(async () => owner.kill("SIGKILL"));
  const line = await new Promise((resolve, reject) => {
    createInterface({ input: owner.stdout! }).once("line", resolve);
    owner.once("exit", () => reject(new Error("the owner ended before its server was ready")));
  });
  return { owner, serverPid: Number(line) };
}

test("a restart keeps the data, the port and the durable defaults", async () => {
  const server = await start({ fsync: true });
  await ask(server, "create table kept as select 41 + 1 as answer");
  const before = server.pid();
  await server.restart();
  expect(server.pid()).not.toBe(before);
  expect(await ask(server, "select answer from kept")).toBe(42);
  expect(await ask(server, "show fsync")).toBe("on");
  expect(await ask(server, "show synchronous_commit")).toBe("on");
});

test("the server listens on the loopback address only and wants SCRAM", async () => {
  const server = await start();
  expect(await ask(server, "show listen_addresses")).toBe("127.0.0.1");
  expect(await ask(server, "show unix_socket_directories")).toBe("");
  const methods = "select string_agg(distinct auth_method, ',') from pg_hba_file_rules";
  expect(await ask(server, methods)).toBe("scram-sha-256");
  const wrong = { ...server.connection, password: "wrong" };
  await expect(new pg.Client(wrong).connect()).rejects.toMatchObject({ code: "28P01" });
});

test("a killed server comes back with its data after restart", async () => {
  const server = await start();
  await ask(server, "create table kept as select 42 as answer");
  await server.kill();
  await server.restart();
  expect(await ask(server, "select answer from kept")).toBe(42);
});

test("stop ends the process, frees the folder and may be repeated", async () => {
  const server = await start();
  const pid = server.pid();
  await server.stop();
  await server.stop();
  expect(isAlive(pid)).toBe(false);
  expect(await ask(await start(), "select 1")).toBe(1);
});

test("a folder whose owner lives is refused and its server untouched", async () => {
  const server = await start();
  await expect(start()).rejects.toMatchObject({ code: "POSTGRES_FOLDER_IN_USE" });
  expect(await ask(server, "select 1")).toBe(1);
});

test("the server of an owner that was killed is stopped, and the next start has its data", async () => {
  const { owner, serverPid } = await fixture();
  owner.kill("SIGKILL");
  await once(owner, "exit");
  expect(isAlive(serverPid)).toBe(true);
  const server = await start();
  expect(isAlive(serverPid)).toBe(false);
  expect(await ask(server, "select answer from kept")).toBe(42);
});

test.runIf(process.platform === "linux")(
  "a server that is to end with its owner does, however that ends",
  async () => {
    const { owner, serverPid } = await fixture("bound");
    expect(isAlive(serverPid)).toBe(true);
    owner.kill("SIGKILL");
    await expect.poll(() => isAlive(serverPid)).toBe(false);
  },
);

test("an owner that calls process.exit takes its server along", async () => {
  const { owner, serverPid } = await fixture();
  owner.kill("SIGTERM");
  await once(owner, "exit");
  await expect.poll(() => isAlive(serverPid)).toBe(false);
});

test("a lock file that names a stranger's process stops neither the start nor the stranger", async () => {
  const server = await start();
  await server.kill();
  const lockFile = join(dataDir, "cluster/postmaster.pid");
  const stranger = spawn("tail", ["-f", "/dev/null"], { cwd: join(dataDir, "cluster") });
  ended.push(async () => stranger.kill("SIGKILL"));
  const lines = (await readFile(lockFile, "utf8")).split("\n");
  await writeFile(lockFile, [stranger.pid, ...lines.slice(1)].join("\n"));
  await server.stop();
  expect(await ask(await start(), "select 1")).toBe(1);
  expect(stranger.exitCode ?? stranger.signalCode).toBeNull();
});

test("a taken port is named in the refusal and the folder is free again", async () => {
  const server = await start();
  const other = await mkdtemp(join(tmpdir(), "rekey-embedded-"));
  ended.push(() => rm(other, { recursive: true }));
  const { port } = server.connection;
  const refusal = { code: "POSTGRES_PORT_IN_USE", message: expect.stringContaining(String(port)) };
  await expect(start({ dataDir: other, port })).rejects.toMatchObject(refusal);
  expect(await ask(await start({ dataDir: other }), "select 1")).toBe(1);
});

test("a folder of another major version is refused", async () => {
  const server = await start();
  await server.stop();
  await writeFile(join(dataDir, "cluster/PG_VERSION"), "17\n");
  await expect(start()).rejects.toMatchObject({ code: "POSTGRES_VERSION_MISMATCH" });
});

test("a folder that the server's user may not enter is named in the refusal", async (context) => {
  if (process.getuid?.() !== 0) context.skip("only root runs the server as another user");
  const closed = await mkdtemp(join(tmpdir(), "rekey-closed-"));
  ended.push(() => rm(closed, { recursive: true }));
  const refusal = {
    code: "POSTGRES_FOLDER_UNREACHABLE",
    message: expect.stringContaining(closed),
  };
  await expect(start({ dataDir: join(closed, "data") })).rejects.toMatchObject(refusal);
});

test("neither a failed statement nor its values reach the server's log", async () => {
  const lines: string[] = [];
  const server = await start({ onLine: (line) => lines.push(line) });
  await ask(server, "create table keyed (id text primary key)");
  await ask(server, "insert into keyed values ('cNry7')");
  const refused = { code: "23505" };
  await expect(ask(server, "insert into keyed values ('cNry7')")).rejects.toMatchObject(refused);
  await server.stop();
  expect(lines.join("\n")).toContain("duplicate key");
  expect(lines.join("\n")).not.toContain("cNry7");
});
