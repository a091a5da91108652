import { apiRouteList, apiRoutes } from "@rekey/contracts";
import { expect, test } from "vitest";
import { applied, controls, document, openBench, requestOf } from "./bench.fixture.ts";

const { inventory, credentials, cases, switches } = apiRoutes;

const declared = () => {
  const { credentials, ...rest } = document();
  return { rest, credential: credentials[0]! };
};

test("every call of the contract is served", async () => {
  const bench = openBench();
  const id = "0197a3c2-6f1e-7a52-9c1d-3a5f6b7c8d9e";
  const params = { case: id, rotation: id, credential: "payments-db" };
  for (const [name, route] of apiRouteList) {
    const { status, body } = await bench.send(requestOf(route, { params }));
    expect(JSON.stringify(body), name).not.toContain("there is no such call");
    expect(status, name).toBeLessThan(500);
  }
});

test("the document of every call is served with its examples", async () => {
  const { status, body } = await openBench().send({ method: "GET", url: "/v1/openapi.json" });
  const text = JSON.stringify(body);
  expect(status).toBe(200);
  for (const [name] of apiRouteList) expect(text).toContain(`"operationId":"${name}"`);
  expect(text).toContain("pasted into a public chat");
});

test("a call that is not there says where all of them are", async () => {
  const { status, body } = await openBench().send({ method: "GET", url: "/v1/nothing" });
  expect(status).toBe(404);
  expect(body).toMatchObject({ refused: "NOT_FOUND", reason: expect.stringContaining("openapi") });
});

test("what a document would change is shown, and changes nothing", async () => {
  const bench = openBench({ controls });
  const { difference } = await bench.ask(inventory.check, { body: { document: document() } });
  const added = difference.map(({ id, change }) => `${change} ${id}`);
  expect(added).toContain("add payments-db");
  expect(added).toContain("add control-warehouse");
  expect((await bench.ask(credentials.list)).credentials).toEqual([]);
});

test("applying twice changes nothing the second time", async () => {
  const bench = await applied(openBench({ controls }));
  const { difference } = await bench.ask(inventory.apply, { body: { document: document() } });
  expect(new Set(difference.map(({ change }) => change))).toEqual(new Set(["same"]));
});

test("a control credential is declared by Rekey, and its first version is asked for", async () => {
  const bench = await applied(openBench({ controls }));
  const params = { credential: "control-warehouse" };
  const { credential } = await bench.ask(credentials.show, { params });
  expect(credential).toMatchObject({
    identity: "rekey",
    environment: "rekey",
    control: true,
    protected: false,
    consumers: [],
  });
  const listed = await bench.ask(cases.list);
  expect(listed.cases).toMatchObject([{ about: "manual:control-warehouse", mode: "act" }]);
});

test("every problem of a document comes at once, with its path, and nothing changes", async () => {
  const bench = openBench({ controls });
  const { rest, credential } = declared();
  const first = {
    ...credential,
    policy: "nowhere",
    issuer: { instance: "warehouse", settings: { group: "pg_evil", database: "payments" } },
  };
  const second = {
    ...credential,
    id: "other-db",
    issuer: { instance: "wharehouse" },
    store: { store: "sealed", document: "../x", fields: { A: "{secret}" } },
  };
  const bad = { ...rest, credentials: [first, second] };
  const { refused, problems = [] } = await bench.refused(inventory.apply, {
    body: { document: bad },
  });
  expect(refused).toBe("INVALID");
  expect(problems.map(({ path }) => path).sort()).toEqual([
    "credentials[0].issuer.settings.group",
    "credentials[0].policy",
    "credentials[1].issuer.instance",
    "credentials[1].store.document",
  ]);
  expect(problems.find(({ path }) => path.endsWith("instance"))?.reason).toBe(
    "is no configured issuer: configured are warehouse",
  );
  expect((await bench.ask(credentials.list)).credentials).toEqual([]);
});

test("a name that Rekey declares by itself is refused in a document", async () => {
  const { rest, credential } = declared();
  const bad = { ...rest, credentials: [{ ...credential, id: "control-warehouse" }] };
  const bench = openBench({ controls });
  const { problems } = await bench.refused(inventory.check, { body: { document: bad } });
  expect(problems).toEqual([
    { path: "credentials[0].id", reason: "is reserved: Rekey declares it by itself" },
  ]);
});

test("an instance whose control credential cannot be named stops the start", () => {
  const issuer = "w".repeat(60) as (typeof controls)[0]["issuer"];
  expect(() => openBench({ controls: [{ ...controls[0]!, issuer }] })).toThrow(/at most 55/);
});

test("a plan shows its steps in order, and changes nothing", async () => {
  const bench = await applied(openBench());
  const planned = await bench.ask(credentials.plan, { params: { credential: "payments-db" } });
  expect(planned.mode).toBe("observe");
  expect(planned.steps.map(({ kind }) => kind)).toEqual([
    "stage",
    "mint",
    "verify",
    "promote",
    "announce",
    "attest",
  ]);
  expect(bench.ledger.state().tables.rotations).toBeUndefined();
});

test("pages follow each other without a gap", async () => {
  const { rest, credential } = declared();
  const many = Array.from({ length: 5 }, (_, index) => ({
    ...credential,
    id: `db-${index}`,
    store: { ...credential.store, document: `db-${index}` },
  }));
  const bench = await applied(openBench(), { ...rest, credentials: many });
  const seen: string[] = [];
  for (let after = {}; ;) {
    const page = await bench.ask(credentials.list, { query: { limit: "2", ...after } });
    seen.push(...page.credentials.map((view) => view.credential.id));
    if (page.next === undefined) break;
    after = { after: page.next };
  }
  expect(seen).toEqual(["db-0", "db-1", "db-2", "db-3", "db-4"]);
});

test("a cursor that is none is refused by its name", async () => {
  const { problems } = await openBench().refused(cases.list, { query: { after: "nonsense" } });
  expect(problems).toEqual([{ path: "after", reason: "must be the `next` of the page before" }]);
});

test("only a mode for a scope that is there is set", async () => {
  const bench = await applied(openBench());
  const asked = (scope: "credential" | "issuer" | "everything" | "environment", name: string) => ({
    body: { scope, name, mode: "act" as const, reason: "trial is over" },
  });
  for (const [scope, name, code] of [
    ["credential", "payments-bd", "NOT_FOUND"],
    ["issuer", "elsewhere", "NOT_FOUND"],
    ["everything", "x", "INVALID"],
    ["environment", "", "INVALID"],
  ] as const) {
    expect((await bench.refused(switches.setMode, asked(scope, name))).refused).toBe(code);
  }
  const { modes } = await bench.ask(switches.setMode, asked("credential", "payments-db"));
  expect(modes).toEqual([{ scope: "credential", name: "payments-db", mode: "act" }]);
});

test("a pause is set and lifted with its reason", async () => {
  const bench = openBench();
  const paused = await bench.ask(switches.pause, { body: { all: true, reason: "fire" } });
  expect(paused.pause).toEqual({ paused: true, all: true, reason: "fire" });
  const lifted = await bench.ask(switches.unpause, { body: { reason: "out" } });
  expect(lifted.pause).toMatchObject({ paused: false, all: false });
});
