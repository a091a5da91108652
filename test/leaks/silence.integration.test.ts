import { apiRoutes, type ApiRoute } from "@rekey/contracts";
import { createCanary, eventually, type Canary } from "@rekey/testkit";
import pg from "pg";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { armSaying, hasSprung } from "../processes/failpoint.fixture.ts";
import { ownDatabase } from "../processes/own-database.fixture.ts";
import { openStage, slowMachine, type Stage } from "../processes/stage.fixture.ts";
import {
  asCanary,
  everySink,
  lookAtProcesses,
  search,
  type Planted,
  type Seen,
} from "./sinks.fixture.ts";

vi.setConfig(slowMachine);

const [leaked, scanned, denied, unreachable] = ["leaked-db", "scanned-db", "denied-db", "far-db"];
const credentials = [leaked, scanned, denied, unreachable].map((id) => ({
  id,
  group: `${id.replace("-", "_")}_app`,
}));

const admin = createCanary();
const planted: Planted = new Map([["the password of Rekey's own role", admin]]);
const seen: Seen = { replies: [], processes: [] };
const targetLog: string[] = [];
let stage: Stage;

const plant = (what: string, canary: Canary = createCanary()): string => {
  planted.set(what, canary);
  return canary.value;
};
const dsn = (password: string): string =>
  `postgres://service:${encodeURIComponent(password)}@db.example:5432/orders`;
const passwordOf = (url: string): string => decodeURIComponent(new URL(url).password);

/** Any request, its answer kept as something a value could be in. */
const post = async (path: string, body: string): Promise<number> => {
  const { status, text } = await stage.installation.api.send("POST", path, body);
  seen.replies.push(text);
  return status;
};
const report = async (route: ApiRoute, body: unknown): Promise<number> =>
  await post(route.path, JSON.stringify(body));

beforeAll(async () => {
  stage = await openStage({
    credentials,
    adminPassword: admin.value,
    onLine: (line) => targetLog.push(line),
    minted: true,
  });
  for (const { id } of credentials)
    plant(`version 1 of ${id}`, asCanary(passwordOf((await stage.acts.value(id)).url)));
});

afterAll(async () => await stage.close());

test("what is reported as leaked is acted on, known or not", async () => {
  const { acts, target } = stage;
  const known = (await acts.value(leaked)).url;
  await acts.settled([
    ...(await acts.leak(known)),
    ...(await acts.leak(dsn(plant("a leaked password nobody knows")))),
  ]);
  expect(await target.login(known)).toBe("28P01");
  plant("the successor of the leaked one", asCanary(passwordOf((await acts.value(leaked)).url)));
});

test("a scanner's report with values in it is acted on", async () => {
  const { acts, target } = stage;
  const known = (await acts.value(scanned)).url;
  const lines = [known, dsn(plant("a scanned password nobody knows"))];
  const body = secretlintReport(lines);
  expect(await report(apiRoutes.reports.scan, { format: "secretlint", body })).toBe(200);
  await eventually(async () => (await target.login(known)) === "28P01", { withinMs: 120_000 });
  await acts.settled([]);
});

test("bodies that cannot be used are refused, whatever is in them", async () => {
  const { path } = apiRoutes.reports.exposure;
  const value = plant("a password in a body that was refused");
  const found = { by: "secret", secret: dsn(value) };
  const text = JSON.stringify({ found, reason: "x" });
  const bodies = [
    text.slice(0, -1),
    JSON.stringify({ found, reason: "x", [value]: value }),
    JSON.stringify({ found: dsn(value), reason: value }),
    JSON.stringify({ found, reason: "x", occurredAt: value, severity: value }),
    text.replace('"reason"', `"reason":${JSON.stringify(value)},"reason"`),
    Buffer.from(text, "utf16le").toString("latin1"),
    dsn(value),
  ];
  for (const body of bodies) expect(await post(path, body)).toBe(400);
  const scan = { format: "secretlint", body: `{"${value}": [` };
  expect(await report(apiRoutes.reports.scan, scan)).toBe(400);
  expect(await report(apiRoutes.inventory.check, { document: { [value]: dsn(value) } })).toBe(400);
  const wrongPath = `/v1/credentials/${encodeURIComponent(value)}/rotate?${encodeURIComponent(value)}`;
  expect(await post(wrongPath, "{}")).toBe(400);
});

test("faults in the middle of a rotation: denied, cut off, and a wrong password of its own", async () => {
  const { acts, installation, network, target } = stage;
  await target.sql("alter role rekey_admin nocreaterole");
  await acts.wish(denied);
  await eventually(async () => (await acts.show(denied)).active?.state.at === "halted", within);
  await target.sql("alter role rekey_admin createrole");
  network.set({ kind: "refuse" });
  network.reset();
  await acts.leak((await acts.value(unreachable)).url);
  await eventually(async () => ((await acts.show(unreachable)).active?.failures ?? 0) > 0, within);
  await lookAtProcesses(stage, seen);
  installation.processes.at(-1)?.signal("SIGTERM");
  await installation.processes.at(-1)?.ended;
  // Only now, or a busy machine has time to end the rotation before the password is wrong.
  network.set({ kind: "none" });
  const wrong = new URL(target.adminUrl);
  wrong.password = encodeURIComponent(plant("a wrong password of Rekey's own role"));
  await installation.useAdmin(network.through(wrong.href));
  await installation.start();
  await eventually(async () => {
    const { text } = await installation.api.send("GET", apiRoutes.health.doctor.path);
    seen.replies.push(text);
    return /28P01/.test(text);
  }, within);
  await eventually(
    async () => (await acts.show(unreachable)).active?.state.at === "halted",
    within,
  );
});

test("none of it is in any output, table, file, log, reply or process", async () => {
  const { installation } = stage;
  for (const { path, method } of readable) {
    const { status, text } = await installation.api.send(method, path);
    expect([path, status]).toEqual([path, 200]);
    seen.replies.push(text);
  }
  await lookAtProcesses(stage, seen);
  expect(planted.size).toBeGreaterThanOrEqual(10);
  expect(await search(planted, await everySink(stage, seen, targetLog))).toEqual([]);
});

test("the same search finds what does leak: a line of the process, a row, a statement", async () => {
  const { installation, target, acts } = stage;
  const said = plant("a value that a line says");
  const row = plant("a value in a row");
  const statement = plant("a value in a statement", createCanary({ plain: true }));
  const line = Buffer.from(`x${said}`).toString("base64");
  armSaying(installation.failpoint, "intake.before-admit", line);
  await acts.wish(leaked);
  await eventually(() => hasSprung(installation.failpoint), within);
  await addRow(ownDatabase(installation).url, Buffer.from(row).toString("hex"));
  await target.sql(`select 1 -- ${statement}`);
  // Both come through a pipe, later than what they tell of.
  const stdout = (): string => installation.processes.at(-1)?.output().stdout ?? "";
  await eventually(() => stdout().includes(line), within);
  await eventually(() => targetLog.some((one) => one.includes(statement)), within);
  const leaks = new Map(
    [...planted].filter(([, { value }]) => [said, row, statement].includes(value)),
  );
  const found = await search(leaks, await everySink(stage, seen, targetLog));
  expect(found).toContain("a value that a line says in stdout 2");
  expect(found).toContain("a value in a row in rekey.planted");
  expect(found).toContain("a value in a statement in log of the target server");
});

const within = { withinMs: 120_000, everyMs: 50 };

const readable = [
  apiRoutes.cases.list,
  apiRoutes.cases.signals,
  apiRoutes.cases.debt,
  apiRoutes.credentials.list,
  apiRoutes.audit.tail,
  apiRoutes.switches.modes,
  apiRoutes.health.doctor,
];

const addRow = async (connectionString: string, text: string): Promise<void> => {
  const client = new pg.Client({ connectionString });
  await client.connect();
  await client.query("create table rekey.planted (note text)");
  await client.query("insert into rekey.planted values ($1)", [text]);
  await client.end();
};

/** As secretlint prints it with `--format json`: the source with its values, and where they are. */
const secretlintReport = (values: readonly string[]): string => {
  const sourceContent = values.map((value) => `DATABASE_URL="${value}"\n`).join("");
  const messages = values.map((value, index) => {
    const start = sourceContent.indexOf(value);
    return {
      type: "message",
      ruleId: "@secretlint/secretlint-rule-database-connection-string",
      messageId: "PostgreSQLConnection",
      range: [start, start + value.length],
      loc: { start: { line: index + 1, column: 0 }, end: { line: index + 1, column: 1 } },
      severity: "error",
      message: "found a connection string",
    };
  });
  return JSON.stringify([{ filePath: "/builds/app/.env", sourceContent, messages }]);
};
