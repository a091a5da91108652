import { stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { describeStack } from "@rekey/stack/vitest";
import { eventually } from "@rekey/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  login,
  openInstallation,
  variables,
  vaultLogin,
  type Installation,
} from "./installation.fixture.ts";
import { sayAs } from "./workload/connect.ts";
import { prepareServices } from "./prepare/prepare.ts";

const startMs = 5 * 60_000;
const settling = { withinMs: 120_000, everyMs: 200 };

describeStack(["kafka", "redis", "vault"], "five services on systems that ask who they are", () => {
  let installation: Installation;

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
    await allReady(installation);
    // A part that a busy machine answers late is not well for a moment.
    await eventually(async () => {
      const found = await rekey(["doctor", "--config", configFile]);
      for (const part of ["issuer shop-postgres", "issuer shop-vault", "store vault"])
        expect(found).toMatch(new RegExp(`${part} +ok`));
    }, settling);
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

  test("first versions are made by the rotator and read in Vault", async () => {
    await makeFirstVersions(installation);
  });

  test("leaks are contained, replaced and proven dead, and nothing is owed", async () => {
    await endLeaks(installation);
  });

  test("what a workload's own user says is heard, and no other may say it", async () => {
    await hearWorkload(installation);
  });

  test("preparing again changes nothing that runs, and a killed service comes back", async () => {
    await killAndRestart(installation);
  });
});

const allReady = async ({ services }: Installation): Promise<void> => {
  await eventually(
    async () => !(await Promise.all(services.map((service) => service.ready()))).includes(false),
    settling,
  );
};

const makeFirstVersions = async ({ rekey, read, folder, started }: Installation): Promise<void> => {
  await rekey(["apply", "-f", join(folder, "inventory.yaml"), "--yes"]);
  await rekey(["mode", "act", "--environment", "production", "--reason", "a test"]);
  for (const credential of ["payments-db", "payments-vault"])
    await rekey(["rotate", credential, "--reason", "its first version"]);
  const { url = "" } = await eventually(async () => await read("db"), settling);
  expect(await login(url)).toEqual({ role: "rekey_payments-db_1" });
  const approle = await eventually(async () => await read("vault"), settling);
  expect(await vaultLogin(started, approle)).toBe(true);
  await eventually(async () => {
    const cases = await rekey(["case", "list"]);
    expect(cases).toMatch(/manual:payments-db +rotated/);
    expect(cases).toMatch(/manual:payments-vault +rotated/);
  }, settling);
};

const endLeaks = async ({ rekey, read, started }: Installation): Promise<void> => {
  const { url = "" } = await read("db");
  const approle = await read("vault");
  const report = ["report", "exposure", "--confidence", "valid", "--reason", "pasted"];
  await rekey(report, url);
  await rekey(report, approle["secret_id"]);
  await eventually(async () => {
    expect(await login(url)).toEqual({ refused: expect.stringMatching(/28000|28P01/) });
    expect(await vaultLogin(started, approle)).toBe(false);
    const { url: next = "" } = await read("db");
    expect(await login(next)).toEqual({ role: "rekey_payments-db_2" });
    expect(await vaultLogin(started, await read("vault"))).toBe(true);
  }, settling);
  const moved = ["--service", "payments-api", "--environment", "production"];
  await rekey(["report", "deployment", ...moved]);
  await eventually(async () => {
    const cases = await rekey(["case", "list"]);
    expect(cases).toMatch(/payments-db#1 +proven-dead/);
    expect(cases).toMatch(/payments-vault#1 +proven-dead/);
  }, settling);
  expect(await rekey(["debt"])).toContain("nothing is owed");
};

const hearWorkload = async ({ folder, started, rekey }: Installation): Promise<void> => {
  const said = (user: "payments" | "scanner"): Promise<void> =>
    sayAs({ folder: dirname(folder), started, user, topic: "rekey.in.moved", value: "no event" });
  await expect(said("scanner")).rejects.toThrow("uthoriz");
  await said("payments");
  await eventually(async () => {
    expect(await rekey(["case", "list", "--refused"])).toMatch(/quarantined +from moved/);
  }, settling);
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
  await allReady(installation);
};
