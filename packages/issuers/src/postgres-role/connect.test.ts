import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Secret } from "@rekey/secret";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { connectAdmin, dsnProblem, tryLogin } from "./connect.ts";

const blackHole = createServer(() => undefined);
const deaf = createServer((socket) => socket.destroy());
beforeAll(async () => {
  for (const server of [blackHole, deaf])
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});
afterAll(() => {
  for (const server of [blackHole, deaf]) server.close();
});

const portOf = (server: typeof deaf): number => (server.address() as AddressInfo).port;
const request = (port: number) => ({
  host: "127.0.0.1",
  port,
  database: "app",
  user: "app",
  password: Secret.fromUtf8("password"),
});
const call = (deadlineMs: number) => ({
  signal: new AbortController().signal,
  deadlineMs,
  key: "key",
});

test("a server that accepts and says nothing costs one deadline", async () => {
  const refusal = await tryLogin(request(portOf(blackHole)), call(150), undefined);
  expect(refusal).toMatchObject({ code: "deadline" });
});

test("a server that hangs up, or is not there, gives no answer about the credential", async () => {
  const port = portOf(deaf);
  expect((await tryLogin(request(port), call(20_000), undefined))?.code).toMatch(
    /^(connection-lost|ECONNRESET)$/,
  );
  expect((await tryLogin(request(1), call(20_000), undefined))?.code).toBe("ECONNREFUSED");
});

test("a folder in an admin DSN is where the server's Unix socket is looked for", async () => {
  const folder = await mkdtemp(join(tmpdir(), "rekey-socket-"));
  let reached = 0;
  const server = createServer((socket) => {
    reached += 1;
    socket.destroy();
  });
  await new Promise<void>((resolve) => server.listen(join(folder, ".s.PGSQL.5432"), resolve));
  onTestFinished(async () => {
    server.close();
    await rm(folder, { recursive: true, force: true });
  });
  const dsn = Secret.fromUtf8(`postgres://rekey:password@${encodeURIComponent(folder)}/app`);
  const admin = connectAdmin({ dsn });
  const asked = admin.use(call(20_000), async ({ query }) => await query("select 1"));
  await expect(asked).rejects.toMatchObject({ code: expect.any(String) });
  expect(reached).toBe(1);
  await admin.close();
});

test("a DSN that cannot be used is named without being quoted", () => {
  const problem = (dsn: string) => dsnProblem(Secret.fromUtf8(dsn));
  expect(problem("postgres://rekey:p%40ss@db.example:5432/app")).toBeUndefined();
  expect(problem("postgresql://rekey:pass@[::1]/app")).toBeUndefined();
  const bad = [
    "",
    "hunter2",
    "http://u:hunter2@h/d",
    "postgres://u:hunter2@h",
    "postgres://:hunter2@h/d",
    "postgres://u:hunter2@%zz/d",
  ];
  for (const dsn of [...bad, "postgres://u:hunter2@h/d?sslmode=disable"]) {
    expect(problem(dsn)).toMatch(/^must /);
    expect(problem(dsn)).not.toContain("hunter2");
  }
});
