import pg from "pg";
import { expect, test } from "vitest";
import { freshDatabase, templateDatabase } from "./database.ts";

async function ask(url: string, sql: string): Promise<unknown> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query({ text: sql, rowMode: "array" })).rows[0]?.[0];
  } finally {
    await client.end();
  }
}

async function migrate(url: string): Promise<void> {
  await ask(url, "create table made as select 42 as answer");
}

test("a template is made once, however many ask at the same time", async () => {
  let made = 0;
  const counted = async (url: string): Promise<void> => {
    made++;
    await migrate(url);
  };
  const asked = Array.from({ length: 8 }, () => templateDatabase("asked by many", counted));
  expect(new Set((await Promise.all(asked)).map(({ name }) => name)).size).toBe(1);
  expect(made).toBe(1);
});

test("a template whose migration failed is made again", async () => {
  const key = "fails at first";
  const failing = async (url: string): Promise<void> => {
    await migrate(url);
    throw new Error("migration failed");
  };
  await expect(templateDatabase(key, failing)).rejects.toThrow("migration failed");
  const database = await freshDatabase(await templateDatabase(key, migrate));
  expect(await ask(database.url, "select answer from made")).toBe(42);
  await database.drop();
});

test("clones are alike and apart", async () => {
  const template = await templateDatabase("clones", migrate);
  const [one, two] = await Promise.all([freshDatabase(template), freshDatabase(template)]);
  await ask(one.url, "update made set answer = 1");
  expect(await ask(one.url, "select answer from made")).toBe(1);
  expect(await ask(two.url, "select answer from made")).toBe(42);
  await Promise.all([one.drop(), two.drop()]);
});

test("drop ends connections that are still open", async () => {
  const database = await freshDatabase();
  const client = new pg.Client({ connectionString: database.url });
  const lost = new Promise((resolve) => client.on("error", resolve));
  await client.connect();
  await database.drop();
  expect(await lost).toMatchObject({ code: "57P01" });
  await expect(ask(database.url, "select 1")).rejects.toMatchObject({ code: "3D000" });
  await client.end();
});
