import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { deflateRawSync, deflateSync, gzipSync } from "node:zlib";
import pg from "pg";
import { expect, test } from "vitest";
import { bytesSink, databaseSink, fileSink } from "./canary-sinks.ts";
import { createCanary, expectNoCanary, findCanary } from "./canary.ts";
import { freshDatabase } from "./postgres/database.ts";

const canary = createCanary();
const utf8 = Buffer.from(canary.value);
const around = (text: string): string => `before ${text} after`;

// One planted leak for each way the search claims to see.
const leaks: Record<string, Buffer | string> = {
  raw: around(canary.value),
  "the first half alone": around(canary.value.slice(0, 26)),
  "the second half alone": around(canary.value.slice(-22)),
  latin1: Buffer.from(canary.value, "latin1"),
  "utf-16le": Buffer.from(around(canary.value), "utf16le"),
  "utf-16be": Buffer.from(around(canary.value), "utf16le").swap16(),
  "hex, upper case": around(utf8.toString("hex").toUpperCase()),
  base64: utf8.toString("base64"),
  "base64 at the second place": Buffer.from(`x${canary.value} after`).toString("base64"),
  "base64 at the third place": Buffer.from(`xy${canary.value} after`).toString("base64"),
  base64url: Buffer.from(`user:${canary.value}`).toString("base64url"),
  "url, lower case": encodeURIComponent(canary.value).replaceAll(/%../g, (s) => s.toLowerCase()),
  form: new URLSearchParams({ password: canary.value }).toString(),
  json: JSON.stringify({ password: canary.value }),
  "json in json": JSON.stringify({ body: JSON.stringify({ password: canary.value }) }),
  "json, ascii only": JSON.stringify({ p: canary.value }).replaceAll("ü", "\\u00FC"),
  gzip: gzipSync(around(canary.value)),
  "gzip within": Buffer.concat([Buffer.from("head"), gzipSync(JSON.stringify([canary.value]))]),
  "gzip in gzip": gzipSync(gzipSync(canary.value)),
  deflate: deflateSync(canary.value),
  "raw deflate": deflateRawSync(canary.value),
  "xml, by its halves": canary.value.replaceAll("&", "&amp;").replaceAll("<", "&lt;"),
};

for (const [name, content] of Object.entries(leaks)) {
  test(`a leak is seen: ${name}`, async () => {
    expect(await findCanary(canary, [bytesSink("planted", content)])).not.toEqual([]);
    expect(await findCanary(createCanary(), [bytesSink("planted", content)])).toEqual([]);
  });
}

test("files below a folder are searched, and the refusal names the file but not the value", async () => {
  const folder = await mkdtemp(join(tmpdir(), "rekey-canary-"));
  try {
    await mkdir(join(folder, "deep"));
    await writeFile(join(folder, "deep/clean.log"), "nothing here");
    await expectNoCanary(canary, [fileSink(folder)]);
    await writeFile(join(folder, "deep/leaky.log"), around(canary.value));
    const refusal: unknown = await expectNoCanary(canary, [fileSink(folder)]).catch(
      (e: unknown) => e,
    );
    expect(String(refusal)).toContain("deep/leaky.log at 7 as raw");
    expect(String(refusal)).not.toContain(canary.value);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test("every column of every schema is searched", async () => {
  const database = await freshDatabase();
  const client = new pg.Client(database.url);
  await client.connect();
  try {
    await client.query(`create schema hidden; create table hidden."odd Name" (id int, note jsonb);
      create table public.bytes (content bytea); create type pair as (a text, b text);
      create table public.pairs (pair pair)`);
    await expectNoCanary(canary, [databaseSink(database.url)]);
    const at = async (): Promise<string[]> => {
      const hits = await findCanary(canary, [databaseSink(database.url)]);
      return [...new Set(hits.map(({ sink }) => sink))];
    };
    const note = JSON.stringify({ deep: [canary.value] });
    await client.query(`insert into hidden."odd Name" values (1, $1)`, [note]);
    expect(await at()).toEqual(['hidden."odd Name"']);
    await client.query(`delete from hidden."odd Name"`);
    await client.query("insert into public.bytes values ($1)", [utf8]);
    expect(await at()).toEqual(["public.bytes"]);
    await client.query("delete from public.bytes");
    await client.query("insert into public.pairs values (row($1, 'b')::pair)", [canary.value]);
    expect(await at()).toEqual(["public.pairs"]);
  } finally {
    await client.end();
    await database.drop();
  }
});
