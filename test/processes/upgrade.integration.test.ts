import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { eventually, freshDatabase } from "@rekey/testkit";
import pg from "pg";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { stringify } from "yaml";
import { ownDatabase } from "./own-database.fixture.ts";
import { errorsIn } from "./rekey-process.fixture.ts";
import { openStage, payments, slowMachine, type Stage } from "./stage.fixture.ts";
import { stopsInTime } from "./stop.fixture.ts";

vi.setConfig(slowMachine);

/** As the next build may migrate: what is new may be absent or has a default. */
const newerMigration = `
do $$ declare one text; begin
  for one in select table_name from information_schema.tables where table_schema = 'rekey'
    and table_type = 'BASE TABLE' and table_name <> 'migrations' loop
    execute format('alter table rekey.%I add column newer int not null default 0', one);
  end loop;
end $$;
create table rekey.newer (id text primary key);
insert into rekey.migrations (name, run_on) values ('9999_newer', now());
`;

let stage: Stage;
beforeAll(async () => {
  stage = await openStage({ credentials: [payments], minted: true });
});
afterAll(async () => await stage.close());

test("a newer build migrates while this one runs: it goes on, and starts again", async () => {
  const { acts, installation, target } = stage;
  // It takes every table, one after the other, from who works on them: a deadlock undoes all of it, and it is run again.
  await eventually(async () => await migrate(ownDatabase(installation).url), {
    withinMs: 60_000,
    everyMs: 500,
  });
  await acts.rotate(payments.id);
  const [before] = installation.processes;
  await stopsInTime(async (isAgain) =>
    isAgain || before === undefined ? await installation.start() : before,
  );
  const again = await installation.start();
  await acts.rotate(payments.id);
  const value = await acts.value(payments.id);
  expect(value.version).toBe(3);
  expect(await target.login(value.url)).toBeUndefined();
  expect(errorsIn(again.log())).toEqual([]);
});

const migrate = async (connectionString: string): Promise<void> => {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    await client.query(newerMigration);
  } finally {
    await client.end();
  }
};

const relayFile = fileURLToPath(new URL("../../services/relay/src/main.ts", import.meta.url));

test("a service whose migrations never ran refuses to start and says what to run", async () => {
  const folder = await mkdtemp(join(tmpdir(), "rekey-old-"));
  const database = await freshDatabase();
  await writeFile(join(folder, "ledger.url"), database.url);
  const config = join(folder, "rekey.yaml");
  const sections = {
    ledger: { url: `file:${join(folder, "ledger.url")}` },
    kafka: { brokers: ["127.0.0.1:9"] },
  };
  await writeFile(config, stringify(sections));
  const child = spawn(process.execPath, [relayFile, "--config", config], { env: {} });
  const ended = once(child, "close") as Promise<[number | null]>;
  // Each stream by itself: nothing orders the pieces of two.
  const [[code], log, told] = await Promise.all([ended, text(child.stdout), text(child.stderr)]);
  await database.drop();
  await rm(folder, { recursive: true });
  expect(code).toBe(1);
  expect(told).toMatch(/\(LEDGER_SCHEMA_OLD\)\n +next: run `rekey ledger migrate`/u);
  expect(log).toMatch(/"reason":"0001_inventory,.*"migrations of this build never ran"/u);
});
