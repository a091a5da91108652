import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { apiRoutes } from "@rekey/contracts";
import { describeStack } from "@rekey/stack/vitest";
import { createCanary, eventually } from "@rekey/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { armSaying, hasSprung } from "../processes/failpoint.fixture.ts";
import type { HeldValue } from "./acts.fixture.ts";
import { asSuperuser } from "./connect.ts";
import { paymentsDb, paymentsVault, type StackCredential } from "./inventory.fixture.ts";
import { openWorldWithPayments, type Payments } from "./payments.fixture.ts";
import { askRedis, recordCommands } from "./redis.fixture.ts";
import { publish } from "./scanner.fixture.ts";
import { rawTopic, search, sinksOf, type Sinks } from "./sinks.fixture.ts";
import type { World } from "./world.fixture.ts";

const startMs = 400_000;
const settledMs = 180_000;
const rotated = [paymentsDb, paymentsVault];

describeStack(["kafka", "redis", "vault", "gitleaks"], "no value is where it must not be", () => {
  let world: World;
  let payments: Payments;
  let commands = "";
  let recording: Awaited<ReturnType<typeof recordCommands>>;
  const values = new Map<string, string>();
  beforeAll(async () => {
    ({ world, payments } = await openWorldWithPayments({ credentials: rotated }));
    const { folder, started } = world;
    commands = join(folder, "redis.commands");
    recording = await recordCommands(started.redis.port, commands);
  }, startMs);
  afterAll(async () => {
    await recording?.stop();
    await payments?.stop();
    await world?.close();
  });

  test("values are rotated, leaked, reported and replaced", async () => {
    await addOwn(world, values);
    for (const credential of rotated) await leakByEveryWay(world, values, credential);
    await reportUnknown(world, values);
    expect(values.size).toBeGreaterThanOrEqual(9);
  });

  test("none of them is in Kafka, Redis, Vault's audit file, the ledger's disk or any output", async () => {
    await world.acts.settled(settledMs);
    await asSuperuser(world.started.postgres.connection, "postgres", "checkpoint");
    const { kafka, redis, vaultAudit, ledger, outputs } = await sinksOf(world, {
      payments,
      commands,
    });
    const all = [...kafka, ...redis, ...vaultAudit, ...ledger, ...outputs];
    expect(await search(values, all)).toEqual([]);
  });

  test("the same search finds a value that was planted in each of them", async () => {
    const planted = new Map([["planted", createCanary({ plain: true }).value]]);
    const value = planted.get("planted") ?? "";
    await plant(world, value);
    await eventually(
      async () => {
        const sinks = await sinksOf(world, { payments, commands });
        const kinds = ["kafka", "redis", "vaultAudit", "ledger", "outputs"] as const;
        for (const kind of kinds)
          expect([kind, await found(planted, sinks, kind)]).toEqual([kind, true]);
      },
      { withinMs: settledMs, everyMs: 500 },
    );
  });

  test("a scanner's raw report holds values on its own topic, as its page says", async () => {
    const sinks = await sinksOf(world, { payments, commands });
    expect(await found(values, sinks, "rawReports")).toBe(true);
  });
});

const found = async (
  values: ReadonlyMap<string, string>,
  sinks: Sinks,
  kind: keyof Sinks,
): Promise<boolean> => (await search(values, sinks[kind])).length > 0;

const passwordOf = ({ secret, roleId }: HeldValue): string =>
  roleId === "" ? decodeURIComponent(new URL(secret).password) : secret;

/** What Rekey itself logs in with. */
const addOwn = async ({ installation }: World, values: Map<string, string>): Promise<void> => {
  for (const name of ["ledger.password", "shop-admin.password", "vault.secret-id", "pepper"]) {
    const file = join(installation.folder, "secrets", name);
    values.set(name, (await readFile(file, "utf8")).trim());
  }
};

/** Found in a git history, it comes by Kafka, by the command and by the API; then it is replaced. */
const leakByEveryWay = async (
  world: World,
  values: Map<string, string>,
  credential: StackCredential,
): Promise<void> => {
  const { acts, kafka, installation, folder, api } = world;
  const since = Date.now();
  const old = await acts.value(credential);
  values.set(`${credential.id}#${old.version}`, passwordOf(old));
  const line = old.roleId === "" ? `DATABASE_URL="${old.secret}"` : `SECRET_ID=${old.secret}`;
  const { report } = await (await publish(join(folder, credential.id), [line])).scan("repository");
  await kafka.produce(rawTopic, [{ key: credential.id, value: report }]);
  await installation.rekey(["report", "scan", "--format", "gitleaks", "-"], report);
  const body = { found: { by: "secret", secret: old.secret }, reason: "seen" } as const;
  await api.ask(apiRoutes.reports.exposure, { body });
  await acts.closed({ kind: "incident", about: `${credential.id}#${old.version}`, since });
  const now = await acts.value(credential);
  values.set(`${credential.id}#${now.version}`, passwordOf(now));
};

/** Values that nobody knows, in a report that is understood and in one that is not. */
const reportUnknown = async ({ api }: World, values: Map<string, string>): Promise<void> => {
  const [known, garbled] = [createCanary().value, createCanary().value];
  values.set("a leaked value nobody knows", known).set("a value in a garbled body", garbled);
  const body = { found: { by: "secret", secret: known }, reason: "pasted" } as const;
  await api.ask(apiRoutes.reports.exposure, { body });
  const refused = await api.send("POST", apiRoutes.reports.exposure.path, `{"${garbled}": `);
  expect(refused.status).toBe(400);
};

/** One value, by a way of its own into each kind of place. */
const plant = async (world: World, value: string): Promise<void> => {
  const { started, kafka, vault, installation, acts } = world;
  await kafka.produce("rekey.in.moved", [{ key: "planted", value }]);
  expect(await askRedis(started.redis.port, `SET planted ${value}`)).toBe("+OK");
  await vault.document(`payments/${value}`);
  const server = started.postgres.connection;
  await asSuperuser(server, "rekey", `create table planted as select '${value}'::text as value`);
  const armed = installation.failpoint("rotator");
  armSaying(armed, "mint.before-effect", value);
  await acts.wish(paymentsDb);
  await eventually(() => hasSprung(armed), { withinMs: settledMs });
};
