import { access } from "node:fs/promises";
import pg from "pg";
import { expect, test } from "vitest";
import { withoutLeaks } from "../leaks.ts";
import { dedicatedServer } from "./server.ts";

async function ask(url: string, sql: string): Promise<unknown> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query({ text: sql, rowMode: "array" })).rows[0]?.[0];
  } finally {
    await client.end();
  }
}

test("a dedicated server keeps what was committed when it is killed, and leaves nothing behind", async () => {
  await withoutLeaks(async () => {
    const server = await dedicatedServer({ settings: { max_connections: "20" } });
    try {
      expect(await ask(server.url(), "show max_connections")).toBe("20");
      await ask(server.url(), "create table kept as select 42 as answer");
      await server.kill();
      await expect(ask(server.url(), "select 1")).rejects.toMatchObject({ code: "ECONNREFUSED" });
      await server.restart();
      expect(await ask(server.url(), "select answer from kept")).toBe(42);
    } finally {
      await server.dispose();
    }
    await expect(access(server.dataDir)).rejects.toMatchObject({ code: "ENOENT" });
  });
});
