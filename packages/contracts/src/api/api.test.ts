import type {
  CaseView,
  CredentialView,
  InventoryChange,
  NumberedAuditEvent,
  Obligation,
  Rotation,
} from "@rekey/domain";
import { auditEventTypes, commandNames, faultCodes } from "@rekey/domain";
import { expect, expectTypeOf, test } from "vitest";
import type { z } from "zod";
import { openApiDocument } from "./openapi.ts";
import { refusedSchema, statusOf } from "./refusal.ts";
import { decodeReply, encodeReply } from "./route.ts";
import { apiRouteList, apiRoutes } from "./routes.ts";
import type { auditEventView } from "./views/audit.ts";
import { caseDetailView } from "./views/case.ts";
import type { obligationView } from "./views/case.ts";
import type { credentialView } from "./views/credential.ts";
import type { rotationView } from "./views/rotation.ts";
import { caseDetailExample } from "./examples.ts";

test("every example is what its route accepts and answers", () => {
  for (const [name, route] of apiRouteList) {
    const reply = route.reply.safeParse(route.example.reply);
    const body = route.body.safeParse(route.example.body ?? {});
    expect([name, reply.error ?? body.error]).toEqual([name, undefined]);
  }
});

test("every reply can be read and written again", () => {
  for (const [name, { reply, example }] of apiRouteList) {
    const wire: unknown = JSON.parse(
      JSON.stringify(encodeReply(reply, reply.parse(example.reply))),
    );
    expect([name, reply.parse(wire)]).toEqual([name, reply.parse(example.reply)]);
  }
});

test("what the domain reads fits what the API shows", () => {
  expectTypeOf<Rotation>().toExtend<z.output<typeof rotationView>>();
  expectTypeOf<CaseView>().toExtend<z.output<typeof caseDetailView>>();
  expectTypeOf<CredentialView>().toExtend<z.output<typeof credentialView>>();
  expectTypeOf<Obligation>().toExtend<z.output<typeof obligationView>>();
  expectTypeOf<NumberedAuditEvent>().toExtend<z.output<typeof auditEventView>>();
  expectTypeOf<readonly InventoryChange[]>().toExtend<
    z.output<typeof apiRoutes.inventory.apply.reply>["difference"]
  >();
});

test("a reply that went over the wire is the same reply", () => {
  const detail = decodeReply(caseDetailView, caseDetailExample).value;
  expect(detail?.case.openedAt).toBe(Date.parse("2026-03-02T09:15:04.120Z"));
  if (detail === undefined) throw new Error("the example is no case");
  const wire: unknown = JSON.parse(JSON.stringify(encodeReply(caseDetailView, detail)));
  expect(decodeReply(caseDetailView, wire).value).toEqual(detail);
});

test("what a view does not name does not leave", () => {
  const view = apiRoutes.credentials.show.reply;
  const decoded = decodeReply(view, apiRoutes.credentials.show.example.reply).value;
  if (decoded === undefined) throw new Error("the example is no credential");
  const versions = decoded.versions.map((version) => ({ ...version, fingerprints: ["planted"] }));
  const planted = { ...decoded, versions };
  expect(JSON.stringify(planted)).toContain("planted");
  expect(JSON.stringify(encodeReply(view, planted))).not.toContain("planted");
});

test.each([
  ["audit.tail", apiRoutes.audit.tail.reply, apiRoutes.audit.tail.example.reply],
  ["cases.watch", apiRoutes.cases.watch.reply, apiRoutes.cases.watch.example.reply],
] as const)("a page of %s with an event of a later build can be read and written", (...of) => {
  const [, view, { events, ...page }] = of;
  const later = { ...page, events: [{ ...events[0], type: "later.told" }, ...events] };
  const { value, problems } = decodeReply(view as z.ZodType, later);
  expect(problems).toBeUndefined();
  expect(encodeReply(view as z.ZodType, value)).toMatchObject({ events: later.events });
});

test("the OpenAPI document names the types of audit events that this build records", () => {
  const document = JSON.stringify(openApiDocument("0.0.0"));
  const named = JSON.stringify({ examples: auditEventTypes }).slice(1, -1);
  // Not toContain: it would print the whole document.
  expect(document.includes(named)).toBe(true);
});

test("every route but the probes needs a command that the authorisation table knows", () => {
  const commands = apiRouteList.map(([name, route]) => [name, route.command] as const);
  const open = commands.filter(([, command]) => command === undefined).map(([name]) => name);
  expect(open).toEqual(["health.live", "health.ready"]);
  expect(
    commands
      .flatMap(([, command]) => command ?? [])
      .filter((command) => !commandNames.includes(command)),
  ).toEqual([]);
});

test("no two routes share a method and a path", () => {
  const keys = apiRouteList.map(([, route]) => `${route.method} ${route.path}`);
  expect(new Set(keys).size).toBe(keys.length);
});

test("a page is bounded and its default is the server's", () => {
  const { query } = apiRoutes.cases.list;
  expect(query.parse({})).toEqual({ limit: 50 });
  expect(query.parse({ limit: "200", open: "true" })).toEqual({ limit: 200, open: true });
  for (const limit of ["0", "201", "-1", "1.5", "many"]) {
    expect(query.safeParse({ limit }).success).toBe(false);
  }
  expect(query.safeParse({ page: "2" }).success).toBe(false);
});

test("outcomes in a query are a list of known words", () => {
  const { query } = apiRoutes.cases.signals;
  expect(query.parse({ outcomes: "refused,quarantined" }).outcomes).toEqual([
    "refused",
    "quarantined",
  ]);
  expect(query.safeParse({ outcomes: "refused,lost" }).success).toBe(false);
});

test("every code a refusal may carry has a status of an error", () => {
  const codes = refusedSchema.shape.refused.options;
  expect(codes.map(statusOf).filter((status) => status < 400)).toEqual([]);
  expect(statusOf("LEDGER_UNREACHABLE")).toBe(503);
  expect(codes).toEqual(expect.arrayContaining(Object.keys(faultCodes)));
});

test("the OpenAPI document has every route with an example and no internal schema error", () => {
  const { paths } = openApiDocument("0.0.0") as { paths: Record<string, Record<string, unknown>> };
  const operations = Object.values(paths).flatMap((path) => Object.values(path));
  expect(operations).toHaveLength(apiRouteList.length);
  expect(paths["/v1/cases/{case}"]?.["get"]).toMatchObject({
    operationId: "cases.show",
    parameters: [{ name: "case", in: "path", required: true }],
  });
});

test("the OpenAPI document says for every route which credential it takes", () => {
  const { paths, components } = openApiDocument("0.0.0") as {
    paths: Record<string, Record<string, { operationId: string; security: unknown[] }>>;
    components: { securitySchemes: Record<string, unknown> };
  };
  const operations = Object.values(paths).flatMap((path) => Object.values(path));
  const open = operations.filter(({ security }) => security.length === 0);
  expect(open.map(({ operationId }) => operationId)).toEqual(["health.live", "health.ready"]);
  const named = new Set(
    operations.flatMap(({ security }) => security.flatMap((one) => Object.keys(one as object))),
  );
  expect([...named].sort()).toEqual(Object.keys(components.securitySchemes).sort());
});
