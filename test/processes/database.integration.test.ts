import { eventually } from "@rekey/testkit";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { apiRoutes } from "@rekey/contracts";
import { ownDatabase } from "./own-database.fixture.ts";
import { errorsIn, type RekeyProcess } from "./rekey-process.fixture.ts";
import { openStage, payments, slowMachine, type Stage } from "./stage.fixture.ts";

vi.setConfig(slowMachine);

let stage: Stage;
const running = (): RekeyProcess => {
  const last = stage.installation.processes.at(-1);
  if (last === undefined) throw new Error("nothing was started");
  return last;
};
const messages = (): readonly string[] =>
  running()
    .log()
    .map(({ message }) => message);
const backWithin = { withinMs: 60_000, everyMs: 100 };
/** It is three deaths within a minute that are borne: on a slow machine the first ones may be too long ago. */
const killsMax = 20;
const bornePerMinute = 3;

beforeAll(async () => {
  stage = await openStage({ credentials: [payments], minted: true });
});

afterAll(async () => await stage.close());

/** Each part finds out for itself that the database is back, so the last one may be later than the work. */
const isReadyAgain = async (): Promise<void> => {
  const { api } = stage.installation;
  await eventually(async () => (await api.ask(apiRoutes.health.ready)).ready, backWithin);
};

test("a session of the ledger that is killed costs a moment, and the work goes on", async () => {
  const { acts, installation } = stage;
  // A pool that has nothing to do may have none for a moment.
  const victim = await eventually(async () => {
    const pid = await ownDatabase(installation).session("rekey-ledger");
    return pid > 0 && pid;
  }, backWithin);
  process.kill(victim, "SIGKILL");
  // Who asks in that moment is told to ask again.
  await acts.settled(await eventually(async () => await acts.wish(payments.id), backWithin));
  await isReadyAgain();
  expect(running().isRunning()).toBe(true);
});

test("the database killed -9 comes back by itself, and the leak reported before is still handled", async () => {
  const { acts, installation, target } = stage;
  const leaked = await acts.value(payments.id);
  const accepted = await acts.leak(leaked.url);
  process.kill(ownDatabase(installation).pid, "SIGKILL");
  await acts.settled(accepted);
  await isReadyAgain();
  expect(running().isRunning()).toBe(true);
  expect(await target.login(leaked.url)).toBe("28P01");
  expect(await target.login((await acts.value(payments.id)).url)).toBeUndefined();
  const back = running()
    .log()
    .find(({ loop }) => loop === "database");
  expect(back).toMatchObject({
    message: "loop died and is built again",
    error: { code: "POSTGRES_ENDED" },
  });
  // For everything else it was weather and no defect.
  expect([...new Set(errorsIn(running().log()).map(({ loop }) => loop))]).toEqual(["database"]);
});

test("a database that keeps dying ends the process with 70 and says so; the next start goes on", async () => {
  const { acts, installation } = stage;
  const first = running();
  for (let kill = 1; first.isRunning() && kill <= killsMax; kill += 1) {
    const { pid } = ownDatabase(installation);
    process.kill(pid, "SIGKILL");
    await eventually(() => !first.isRunning() || ownDatabase(installation).pid !== pid, backWithin);
  }
  expect(await first.ended).toBe(70);
  // However long the kills took: of those within a minute it is the fourth.
  expect(first.log()).toContainEqual(
    expect.objectContaining({
      level: "fatal",
      message: "loop died too often",
      loop: "database",
      count: bornePerMinute + 1,
    }),
  );
  await installation.start();
  await acts.rotate(payments.id);
  expect(messages()).not.toContain("rekey could not start");
});
