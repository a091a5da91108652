import { readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { apiRoutes } from "@rekey/contracts";
import { eventually } from "@rekey/testkit";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { ownDatabase } from "./own-database.fixture.ts";
import { errorsIn, type RekeyProcess } from "./rekey-process.fixture.ts";
import { openStage, payments, slowMachine, type Stage } from "./stage.fixture.ts";
import { stopsInTime } from "./stop.fixture.ts";

vi.setConfig(slowMachine);

const within = { withinMs: 60_000, everyMs: 100 };
const idleMs = 4_000;
/** Each second; a relay that tries all sixteen shards, or a loop that rings itself, is far above. */
const idleTransactionsMax = 40;

let stage: Stage;
const running = (): RekeyProcess => {
  const last = stage.installation.processes.at(-1);
  if (last === undefined) throw new Error("nothing was started");
  return last;
};
const upLine = (of: RekeyProcess) => of.log().find(({ message }) => message === "rekey is up");

beforeAll(async () => {
  stage = await openStage({ credentials: [payments], minted: true });
});

afterAll(async () => await stage.close());

test("an empty folder becomes a running rekey whose first version works", async () => {
  const value = await stage.acts.value(payments.id);
  expect(value.version).toBe(1);
  expect(await stage.target.login(value.url)).toBeUndefined();
  expect(errorsIn(running().log())).toEqual([]);
});

test("a leaked value ends refused by the server, and its successor works", async () => {
  const { acts, target } = stage;
  const leaked = await acts.value(payments.id);
  await acts.settled(await acts.leak(leaked.url));
  const value = await acts.value(payments.id);
  expect(value.version).toBe(leaked.version + 1);
  expect(await target.login(value.url)).toBeUndefined();
  expect(await target.login(leaked.url)).toBe("28P01");
  const about = (await acts.cases()).filter((one) => one.about === "payments-db#1");
  expect(about).toMatchObject([{ state: { at: "closed", outcome: "proven-dead" } }]);
});

test("liveness, readiness and metrics are answered, and only its owner may open the socket", async () => {
  const { api, dataDir } = stage.installation;
  const at = `http://127.0.0.1:${String(upLine(running())?.["port"])}`;
  expect((await fetch(`${at}/live`)).status).toBe(200);
  // What the end of the last case leaves is published a moment later, and figures are a second old.
  await eventually(async () => {
    const ready = await fetch(`${at}/ready`);
    expect([ready.status, await ready.json()]).toMatchObject([
      200,
      { ok: true, checks: [{ name: "ledger", details: { debtOpen: 0 } }, { name: "topics" }] },
    ]);
    const metrics = await (await fetch(`${at}/metrics`)).text();
    for (const line of [
      "rekey_debt_open 0",
      "rekey_outbox_unsent 0",
      'rekey_work_due{lane="urgent"} 0',
    ])
      expect(metrics).toContain(line);
    // This process contained the leak of the test before, and proved it dead.
    for (const name of ["contained", "proven_dead"])
      expect(metrics).toMatch(
        new RegExp(`^rekey_${name}_seconds_count\\{exposed="yes"\\} [1-9]`, "m"),
      );
    expect(metrics).toMatch(/^rekey_signals_total\{outcome="opened"\} [1-9]/m);
    expect(metrics).toContain('rekey_part_away{part="topics"} 0');
  }, within);
  expect(await api.ask(apiRoutes.health.live)).toEqual({ live: true });
  await eventually(async () => (await api.ask(apiRoutes.health.doctor)).ok, within);
  expect((await stat(join(dataDir, "rekey.sock"))).mode & 0o777).toBe(0o600);
});

test("with nothing to do it asks its database little", async () => {
  const own = ownDatabase(stage.installation);
  let from = await own.transactions();
  // The server counts what was done before late: the first windows may still hold work that has ended.
  const perSecond = await eventually(
    async () => {
      const until = await own.transactions();
      if (until.atMs - from.atMs < idleMs / 2) return false;
      const rate = ((until.count - from.count) * 1_000) / (until.atMs - from.atMs);
      from = until;
      return rate < idleTransactionsMax && rate;
    },
    { withinMs: 15 * idleMs, everyMs: idleMs / 4 },
  );
  expect(perSecond).toBeGreaterThan(0);
});

test("a second rekey on the same folder is refused, and the first one is unharmed", async () => {
  const first = running();
  const second = stage.installation.spawn();
  expect(await second.ended).toBe(75);
  expect(second.output().stderr).toMatch(
    new RegExp(`^rekey up: the database folder .* is in use by the live process ${first.pid}: `),
  );
  expect(first.isRunning()).toBe(true);
  await stage.acts.rotate(payments.id);
  expect(errorsIn(first.log())).toEqual([]);
});

test("SIGTERM ends an idle process with 0, and says so last, and the next start goes on where it was", async () => {
  const { acts, installation, target } = stage;
  const before = await acts.value(payments.id);
  const [first] = installation.processes;
  const stopped = await stopsInTime(async (isAgain) =>
    isAgain || first === undefined ? await installation.start() : first,
  );
  expect(stopped.log().at(-1)?.message).toBe("stopped");
  await installation.start();
  await acts.rotate(payments.id);
  expect((await acts.value(payments.id)).version).toBe(before.version + 1);
  expect(await target.login(before.url)).toBe("28P01");
});

test("what kill -9 left of the socket and the database is taken over by the next start", async () => {
  const { acts, installation } = stage;
  const killed = running();
  killed.signal("SIGKILL");
  expect(await killed.ended).toBe("SIGKILL");
  expect((await stat(join(installation.dataDir, "rekey.sock"))).isSocket()).toBe(true);
  const next = await installation.start();
  await acts.rotate(payments.id);
  expect(errorsIn(next.log())).toEqual([]);
});

test("asked to stop while it starts it ends with 0, and the next start finds nothing amiss", async () => {
  const { acts, installation } = stage;
  running().signal("SIGTERM");
  await running().ended;
  await stopsInTime(async () => {
    const starting = installation.spawn();
    await eventually(() => starting.log().length > 0, within);
    return starting;
  });
  const next = await installation.start();
  await acts.rotate(payments.id);
  expect(errorsIn(next.log())).toEqual([]);
});

test("with another pepper it does not start, and with its own again it goes on", async () => {
  const { acts, installation } = stage;
  running().signal("SIGTERM");
  await running().ended;
  const file = join(installation.dataDir, "pepper.key");
  const own = await readFile(file);
  await writeFile(file, "another key, as after a lost one was made anew");
  const refused = installation.spawn();
  expect(await refused.ended).toBe(1);
  expect(refused.output().stderr).toContain("no leaked value would be recognised");
  expect(refused.output().stderr).toContain("next: give this process the pepper");
  expect(errorsIn(refused.log())).toMatchObject([{ error: { code: "PEPPER_MISMATCH" } }]);
  await writeFile(file, own);
  await installation.start();
  await acts.rotate(payments.id);
});
