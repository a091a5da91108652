import { eventually } from "@rekey/testkit";
import { stringify } from "yaml";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import {
  controlGroup,
  inventoryOf,
  openInstallation,
  type Installation,
} from "../processes/installation.fixture.ts";
import { slowMachine } from "../processes/stage.fixture.ts";
import { openTarget, type Target } from "../processes/target.fixture.ts";
import { passwordRule } from "../scenarios/trusting-server.fixture.ts";
import { runAgainst, type Run } from "./run-cli.fixture.ts";

vi.setConfig(slowMachine);

const within = { withinMs: 60_000, everyMs: 50 };

let target: Target;
let installation: Installation;
let run: Run;

beforeAll(async () => {
  target = await openTarget({ groups: ["payments", controlGroup], adminPassword: "rotates-roles" });
  installation = await openInstallation(target);
  await installation.start();
  run = runAgainst(`${installation.dataDir}/rekey.sock`);
});
afterAll(async () => {
  await installation.close();
  await target.close();
});

const ok = async (words: string, stdin = ""): Promise<string> => {
  const { code, out, err } = await run(words, stdin);
  expect([code, err], words).toEqual([0, ""]);
  return out;
};

test("from nothing to a leaked value that is proven dead, by commands alone", async () => {
  // A part that a busy machine answers late is not well for a moment.
  const unprepared = await eventually(async () => await ok("doctor"), within);
  expect(unprepared).toMatch(/^issuer payments-postgres +ok +logged in/m);
  expect(unprepared).toMatch(/^controls of payments-postgres +– +no control credential yet/m);
  const inventory = stringify(inventoryOf([{ id: "payments-db", group: "payments" }]));
  expect(await ok("apply -f - --yes", inventory)).toContain("+ credential control-");
  await ok("mode act --everything --reason go");
  const control = "manual:control-payments-postgres";
  await eventually(async () => (await ok("case list")).includes(control), within);
  await ok(`case watch ${control} --timeout 120~s`);

  const first = await ok("rotate payments-db --reason first --watch");
  expect(first).toMatch(/^ +\d+\.\d s {2}mint#1 payments-db +confirmed$/m);
  const old = await installation.sealing.read("payments-db");
  expect(await target.login(old!.url)).toBeUndefined();

  const reported = await ok("report exposure --public --reason in~a~paste", old!.url);
  expect(reported).toContain("incident about payments-db#1");
  const watched = await ok("case watch payments-db#1 --timeout 120~s");
  expect(watched).toMatch(/^ +\d+\.\d s {2}payments-db#1 +proven dead$/m);
  expect(watched).toMatch(/^ +\d+\.\d s {2}case +proven-dead: /m);
  expect(await target.login(old!.url)).toBeDefined();

  expect(await ok("credential show payments-db")).toMatch(/^#2 +current +valid /m);
  expect(await ok("debt")).toBe("nothing is owed\n");
  expect(await ok("case list")).toMatch(/incident +payments-db#1 +proven-dead +act/);
  expect(await ok("audit tail --credential payments-db -n 200")).toContain("version.proven-dead");
});

test("doctor finds an endpoint that lets a wrong password in, and that it asks again", async () => {
  const name = "controls of payments-postgres at primary";
  const found = async (): Promise<string> =>
    (await run("doctor")).out.split("\n").find((line) => line.startsWith(name)) ?? "";
  await eventually(
    async () => expect(await found()).toMatch(/ ok +let in; a wrong value is refused$/),
    within,
  );
  await target.sql(passwordRule("trust"));
  await eventually(
    async () =>
      expect(await found()).toMatch(/failed.*negative-control alive.*no `trust` in pg_hba\.conf/),
    within,
  );
  expect((await run("doctor")).code).toBe(1);
  await target.sql(passwordRule("scram-sha-256"));
  await eventually(async () => / ok +let in/.test(await found()), within);
});

test("an end without successor leaves nothing that logs in", async () => {
  expect(await ok("rotate payments-db --end --reason no~longer~used")).toContain("end:payments-db");
  await eventually(async () => (await target.logins("payments")).length === 0, within);
  await eventually(async () => (await ok("case list --open")) === "no cases\n", within);
  expect(await ok("credential show payments-db")).toContain("ended");
});
