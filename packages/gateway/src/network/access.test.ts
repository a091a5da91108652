import { mkdtemp, rm } from "node:fs/promises";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { apiRouteList, apiRoutes } from "@rekey/contracts";
import { afterAll, beforeAll, expect, test } from "vitest";
import { applied } from "../bench.fixture.ts";
import { openNetwork, type Network } from "./network.fixture.ts";

let network: Network;
beforeAll(async () => {
  network = await openNetwork();
});
afterAll(async () => await network.close());

const id = "0197a3c2-6f1e-7a52-9c1d-3a5f6b7c8d9e";
const params = { case: id, rotation: id, credential: "payments-db" } as never;
const open = ["health.live", "health.ready"];
const closed = apiRouteList.filter(([name]) => !open.includes(name));

test("there are routes, and two of them are open", () => {
  expect(apiRouteList.length - closed.length).toBe(open.length);
  expect(closed.length).toBeGreaterThan(20);
});

test.each(closed)("%s is for nobody without a credential", async (_name, route) => {
  // Elsewhere it is the rate that is tested.
  network.pass(7);
  const { status, body } = await network.call(route, {}, { params });
  expect([status, body.refused]).toEqual([401, "UNAUTHENTICATED"]);
});

test.each(closed)("%s is for nobody without a role", async (_name, route) => {
  const token = await network.issuer.token({ sub: "eve", groups: ["strangers"] });
  const { status, body } = await network.call(route, { token }, { params });
  expect([status, body.refused]).toEqual([403, "NOT_AUTHORISED"]);
});

test.each(open)("%s is open", async (name) => {
  const [, route] = apiRouteList.find(([one]) => one === name)!;
  expect([200, 503]).toContain((await network.call(route, {})).status);
});

test.each(["/v1/openapi.json", "/v1/nothing", "/"])(
  "%s is for callers that are known",
  async (path) => {
    network.pass(7);
    expect((await network.send(path)).status).toBe(401);
    const token = await network.issuer.token({ sub: "eve" });
    expect((await network.send(path, { token })).status).toBe(path.includes("openapi") ? 200 : 404);
  },
);

test("the body of whoever may not ask is not looked at, and nothing of it is recorded", async () => {
  const sent = {
    method: "POST",
    headers: { "content-type": "application/json" },
    payload: "{hunter2",
  };
  network.pass(7);
  expect((await network.send(apiRoutes.reports.exposure.path, sent)).status).toBe(401);
  const token = await network.issuer.token({ sub: "eve", groups: ["viewers"] });
  expect((await network.send(apiRoutes.reports.exposure.path, { ...sent, token })).status).toBe(
    403,
  );
  expect(network.bench.ledger.state().tables.signals ?? new Map()).toEqual(new Map());
});

test("whoever opens the socket beside the network is its owner, whatever token comes with it", async () => {
  const folder = await mkdtemp(join(tmpdir(), "rekey-"));
  const socketPath = join(folder, "rekey.sock");
  await network.bench.gateway.listen({ socketPath });
  const status = await new Promise((resolve, reject) => {
    const headers = { authorization: "Bearer hunter2" };
    request({ socketPath, path: "/v1/cases", agent: false, headers }, (answer) => {
      answer.resume();
      resolve(answer.statusCode);
    })
      .once("error", reject)
      .end();
  });
  expect(status).toBe(200);
  await rm(folder, { recursive: true });
});

test("an approver of what was asked for at the socket is told that it takes two people", async () => {
  const { cases, credentials, switches } = apiRoutes;
  const { bench } = network;
  await applied(bench);
  await bench.ask(switches.setMode, {
    body: { scope: "everything", name: "", mode: "propose", reason: "x" },
  });
  await bench.ask(credentials.rotate, {
    params: { credential: "payments-db" },
    body: { reason: "before the audit" },
  });
  const [found] = (await bench.ask(cases.list)).cases;
  const token = await network.issuer.token({ sub: "grace", groups: ["approvers"] });
  const asked = { params: { case: found!.id } };
  const { next } = await network.ask(cases.show, { token }, asked);
  expect(next).toContain("lets it act once two people said so: whoever asked may be one of them");
});
