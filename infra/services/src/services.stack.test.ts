import { stat } from "node:fs/promises";
import { join } from "node:path";
import { describeStack } from "@rekey/stack/vitest";
import { eventually } from "@rekey/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { login, openInstallation, variables, type Installation } from "./installation.fixture.ts";
import { prepareServices } from "./prepare/prepare.ts";

const startMs = 180_000;
const settling = { withinMs: 60_000, everyMs: 200 };

describeStack(["kafka", "redis", "vault"], "five services on systems that ask who they are", () => {
  let installation: Installation;
  let firstUrl = "";

  beforeAll(async () => {
    installation = await openInstallation({ sasl: true });
  }, startMs);
  afterAll(async () => {
    await installation?.close();
  });

  test("each kind is ready, and reached by its own credentials alone", async () => {
    const { services, configFile, rekey } = installation;
    expect(services.map(({ kind }) => kind)).toEqual([
      "intake",
      "rotator",
      "scheduler",
      "relay",
      "gateway",
    ]);
    expect(await Promise.all(services.map((service) => service.ready()))).not.toContain(false);
    expect(await rekey(["doctor", "--config", configFile])).toMatch(/store vault +ok/);
  });

  test("no secret that was made can be read by another user", async () => {
    const secrets = [
      "ledger.url",
      "ledger-owner.url",
      "pepper",
      "shop-admin.dsn",
      "vault.secret-id",
    ];
    const modes = secrets.map(
      async (name) => (await stat(join(installation.folder, "secrets", name))).mode & 0o077,
    );
    expect(await Promise.all(modes)).toEqual(secrets.map(() => 0));
  });

  test("a first version is made by the rotator and read in Vault", async () => {
    const { rekey, readUrl, folder } = installation;
    await rekey(["apply", "-f", join(folder, "inventory.yaml"), "--yes"]);
    await rekey(["mode", "act", "--environment", "production", "--reason", "a test"]);
    await rekey(["rotate", "payments-db", "--reason", "its first version"]);
    firstUrl = await eventually(readUrl, settling);
    expect(await login(firstUrl)).toEqual({ role: "rekey_payments-db_1" });
    await eventually(async () => {
      expect(await rekey(["case", "list"])).toMatch(/manual:payments-db +rotated/);
    }, settling);
  });

  test("a leak is contained, replaced and proven dead, and nothing is owed", async () => {
    await endLeak(installation, firstUrl);
  });

  test("preparing again changes nothing that runs, and a killed service comes back", async () => {
    await killAndRestart(installation);
  });
});

const endLeak = async ({ rekey, readUrl }: Installation, leaked: string): Promise<void> => {
  await rekey(["report", "exposure", "--confidence", "valid", "--reason", "pasted"], leaked);
  await eventually(async () => {
    expect(await login(leaked)).toEqual({ refused: expect.stringMatching(/28000|28P01/) });
    expect(await login(await readUrl())).toEqual({ role: "rekey_payments-db_2" });
  }, settling);
  const moved = ["--service", "payments-api", "--environment", "production"];
  await rekey(["report", "deployment", ...moved]);
  await eventually(async () => {
    expect(await rekey(["case", "list"])).toMatch(/payments-db#1 +proven-dead/);
  }, settling);
  expect(await rekey(["debt"])).toContain("nothing is owed");
};

const killAndRestart = async (installation: Installation): Promise<void> => {
  const { folder, started, services, configFile } = installation;
  const again = await prepareServices({ folder, systems: started.systems, variables });
  expect(again.configFile).toBe(configFile);
  const intake = services.find(({ kind }) => kind === "intake");
  const before = intake?.pid;
  await intake?.kill();
  expect(await intake?.ready()).toBe(false);
  await intake?.restart();
  expect(intake?.pid).not.toBe(before);
  expect(await Promise.all(services.map((service) => service.ready()))).not.toContain(false);
};
