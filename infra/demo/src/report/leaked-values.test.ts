import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { Secret } from "@rekey/secret";
import { createCanary } from "@rekey/testkit/canary";
import { afterEach, beforeEach, expect, test } from "vitest";
import { layoutOf, type Layout } from "../run/layout.ts";
import { searchForValues } from "./leaked-values.ts";

let layout: Layout;
beforeEach(async () => {
  layout = layoutOf(await mkdtemp(join(tmpdir(), "rekey-demo-search-")));
  for (const folder of [layout.logs, layout.dataDir, layout.documents])
    await mkdir(folder, { recursive: true });
  for (const file of [
    layout.audit,
    layout.attempts,
    layout.inventory,
    layout.config,
    sought().json,
  ])
    await writeFile(file, "nothing of it\n");
});
afterEach(async () => await rm(layout.root, { recursive: true, force: true }));

const { value: password } = createCanary({ plain: true });
const url = (secret: string): Secret =>
  Secret.fromUtf8(`postgres://role:${encodeURIComponent(secret)}@127.0.0.1:5432/payments`);
const values = [url(createCanary().value), url(password)];

const sought = () => ({ values, json: join(layout.root, "asked-for.json") });

test("nothing is found where nothing is, and the planted value is found and taken away", async () => {
  expect(await searchForValues(layout, sought())).toEqual({ places: [], sees: true });
  expect(await readdir(layout.logs)).toEqual([]);
});

const leaks: Readonly<Record<string, string | Buffer>> = {
  "logs/rekey-up.log": `{"message":"${password}"}`,
  "logs/target.log": `create role r login password '${password}'`,
  "logs/rekey-commands.log": `rekey rotate\n${password}`,
  "logs/screen.log": `\u001B[2m${password}\u001B[0m`,
  "asked-for.json": JSON.stringify({ cases: [password] }),
  "audit.ndjson": Buffer.from(`x${password}`).toString("base64"),
  "payments.ndjson": `postgres://role:${password}@127.0.0.1/payments`,
  "rekey/postgres/cluster/pg_wal/000000010000000000000001": Buffer.concat([
    Buffer.alloc(100_000),
    Buffer.from(password),
    Buffer.alloc(100_000),
  ]),
  "documents/payments-db": Buffer.from(password).toString("hex").toUpperCase(),
  "rekey.yaml": JSON.stringify({ admin: password }),
  "inventory.yaml": `note: ${password}`,
};

test.each(Object.entries(leaks))("a value in %s is found there", async (place, content) => {
  const path = join(layout.root, place);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content);
  expect(await searchForValues(layout, sought())).toEqual({ places: [place], sees: true });
});
