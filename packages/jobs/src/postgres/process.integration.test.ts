import { once } from "node:events";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { fixedSource, silentLog, systemClock } from "@rekey/runtime";
import { leastMs, msOf } from "@rekey/testkit";
import { migratePostgresJobs } from "./migrate.ts";
import { openPostgresDispatcher } from "./open.ts";
import { linesOf, spawnFixture } from "../suite/child.suite.ts";
import { countErrors } from "../suite/errors.suite.ts";
import { passes, soon } from "../suite/world.suite.ts";
import { postgresWorld, shortPace } from "./world.suite.ts";
import type { PostgresWorld } from "./world.suite.ts";

let world: PostgresWorld;
beforeAll(async () => {
  world = await postgresWorld();
});
afterAll(() => world.end());

test("a process that closed its dispatcher ends by itself: no timer and no connection is left", async () => {
  const endingMs = async (): Promise<number> => {
    const child = spawnFixture(new URL("closing.fixture.ts", import.meta.url), {
      url: world.server.url(),
    });
    const exited = once(child, "exit");
    await linesOf(child).first("closed");
    const afterMs = await msOf(() => exited);
    expect(child.exitCode).toBe(0);
    return afterMs;
  };
  expect(await leastMs(1_000, endingMs)).toBeLessThan(1_000);
});

test("while the backend is away its errors are counted in tens, not thousands", async () => {
  const errors = countErrors({ perSecondMax: 15 });
  const dispatcher = await openPostgresDispatcher({
    connection: fixedSource(world.server.url()),
    log: errors.log,
    clock: systemClock,
    pace: shortPace,
  });
  await dispatcher.serve("urgent", 8, async () => undefined);
  await world.goDown();
  await passes(2_000);
  await errors.expectSome();
  errors.expectTens();
  await world.comeBack();
  await vi.waitFor(() => dispatcher.check(), soon);
  await dispatcher.close();
});

test("a server that answers with a refusal, as while it starts, is not asked without end either", async () => {
  await world.admin.query("create database refusing");
  const connection = fixedSource(world.server.url("refusing"));
  await migratePostgresJobs({ connection, log: silentLog });
  const errors = countErrors({ perSecondMax: 15 });
  const dispatcher = await openPostgresDispatcher({
    connection,
    log: errors.log,
    clock: systemClock,
  });
  const performed: string[] = [];
  await dispatcher.serve("urgent", 8, async (hint) => void performed.push(hint.id));
  await world.admin.query("alter database refusing allow_connections false");
  await world.admin.query(
    "select pg_terminate_backend(pid) from pg_stat_activity where datname = 'refusing'",
  );
  await passes(2_000);
  await errors.expectSome();
  errors.expectTens();
  await world.admin.query("alter database refusing allow_connections true");
  await vi.waitFor(() => dispatcher.check(), soon);
  const after = { kind: "case", id: "after", generation: 1 } as const;
  await vi.waitFor(() => dispatcher.invite("urgent", after), soon);
  await vi.waitFor(() => expect(performed).toContain("after"), soon);
  await dispatcher.close();
});

test("many processes migrate at once and again, and nothing is lost", async () => {
  const connection = fixedSource(world.server.url());
  const dispatcher = await world.open();
  await dispatcher.invite("sweep", { kind: "case", id: "kept", generation: 1 });
  await Promise.all(
    Array.from({ length: 4 }, () => migratePostgresJobs({ connection, log: silentLog })),
  );
  expect(await dispatcher.outstanding("sweep")).toBe(1);
  await dispatcher.close();
});

test("a database that was not migrated is refused when opening, and nothing stays open", async () => {
  await world.admin.query("create database not_migrated");
  const connection = fixedSource(world.server.url("not_migrated"));
  const opening = openPostgresDispatcher({ connection, log: silentLog, clock: systemClock });
  await expect(opening).rejects.toMatchObject({ code: "JOBS_UNREACHABLE" });
  // Fails while somebody is connected.
  await vi.waitFor(() => world.admin.query("drop database if exists not_migrated"), soon);
});

test("closing while the backend is away takes less than 3 s", async () => {
  const closing = async (): Promise<number> => {
    const dispatcher = await world.open();
    await dispatcher.serve("urgent", 2, async () => undefined);
    await world.goDown();
    const afterMs = await msOf(() => dispatcher.close());
    await world.comeBack();
    return afterMs;
  };
  expect(await leastMs(3_000, closing)).toBeLessThan(3_000);
});
