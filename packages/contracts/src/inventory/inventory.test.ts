import { readFileSync } from "node:fs";
import { day, hour, inventoryDifference, minute, type Inventory } from "@rekey/domain";
import fc from "fast-check";
import { expect, expectTypeOf, test } from "vitest";
import type { z } from "zod";
import type { inventoryDocumentSchema } from "./document-schema.ts";
import { inventoryJsonSchema, parseInventory } from "./parse-inventory.ts";

type Document = Record<string, Record<string, unknown>[]>;

const fixture = (): Document => {
  const text = readFileSync(new URL("fixtures/inventory.v1.json", import.meta.url), "utf8");
  return JSON.parse(text) as Document;
};

const reasonsOf = (document: unknown): string[] =>
  (parseInventory(document).problems ?? []).map(({ path, reason }) => `${path}: ${reason}`);

/** The fixture with some fields of one entry replaced. */
const changed = (list: string, index: number, fields: Record<string, unknown>): Document => {
  const document = fixture();
  Object.assign(document[list]?.[index] ?? {}, fields);
  return document;
};

test("the schema's output is the domain's inventory", () => {
  expectTypeOf<z.output<typeof inventoryDocumentSchema>>().toExtend<Inventory>();
});

test("the fixture becomes an inventory with durations in milliseconds", () => {
  const inventory = parseInventory(fixture()).value;
  expect(inventory?.policies.find(({ name }) => name === "monthly")).toMatchObject({
    rotateAfterMs: 30 * day,
    graceMs: 15 * minute,
    noticeMs: hour,
    windows: [{ cron: "0 3 * * 1", zone: "Europe/Berlin", durationMs: 2 * hour }],
    breaker: { killsMax: 20, containmentsMax: 10, windowMs: hour },
  });
  expect(inventory?.credentials[0]).toMatchObject({
    declared: true,
    ended: false,
    protected: false,
  });
});

test("what needs no declaration is added where it is used", () => {
  const inventory = parseInventory(fixture()).value;
  expect(inventory?.identities.map(({ id }) => id)).toContain("rekey");
  expect(inventory?.policies.map(({ name }) => name)).toContain("default");
  expect(parseInventory({}).value).toEqual({
    identities: [],
    policies: [],
    consumers: [],
    credentials: [],
    grants: [],
  });
});

test("a credential Rekey acts with is protected, its control credential is not", () => {
  expect(parseInventory(fixture()).value?.credentials[1]).toMatchObject({
    control: true,
    protected: false,
  });
  const own = changed("credentials", 0, { identity: "rekey" });
  expect(parseInventory(own).value?.credentials[0]).toMatchObject({ protected: true });
});

test("a policy that says only its name is the default policy under that name", () => {
  const { value } = parseInventory({ policies: [{ name: "plain" }] });
  expect(value?.policies).toMatchObject([
    { graceMs: 15 * minute, reversibleForMs: day, windows: [] },
  ]);
});

test("every problem is reported at once, shapes and references alike", () => {
  const document = fixture();
  Object.assign(document["identities"]?.[0] ?? {}, { kind: "robot", ownr: "x" });
  Object.assign(document["policies"]?.[0] ?? {}, { grace: 15 });
  Object.assign(document["credentials"]?.[0] ?? {}, { policy: "weekly" });
  const reasons = reasonsOf(document).map((reason) => reason.split(":")[0]);
  const paths = ["credentials[0].policy", "identities[0].kind", "identities[0].ownr"];
  expect(new Set(reasons)).toEqual(new Set([...paths, "policies[0].grace"]));
});

const refusals: readonly (readonly [string, Document, string])[] = [
  ["an unknown list", { ...fixture(), credential: [] }, "credential: is not a known key"],
  [
    "an unknown identity",
    changed("credentials", 0, { identity: "paymints" }),
    "credentials[0].identity: paymints is not among the identities",
  ],
  [
    "an unknown consumer",
    changed("credentials", 0, { consumers: ["payments-api", "gone"] }),
    "credentials[0].consumers[1]: gone is not among the consumers",
  ],
  [
    "a consumer twice",
    changed("credentials", 0, { consumers: ["payments-api", "payments-api"] }),
    "credentials[0].consumers[1]: is listed twice",
  ],
  [
    "a duplicate id",
    changed("credentials", 1, { id: "payments-db" }),
    "credentials[1].id: is declared twice",
  ],
  [
    "an approver who is the owner",
    changed("grants", 0, { approver: "payments" }),
    "grants[0].approver: must be another than the owner",
  ],
  [
    "a control credential of somebody else",
    changed("credentials", 0, { control: true }),
    "credentials[0].identity: must be rekey: a control credential is Rekey's own",
  ],
  [
    "two control credentials of one instance",
    changed("credentials", 0, { control: true, identity: "rekey" }),
    "credentials[1].control: is the second control credential of this issuer instance",
  ],
  [
    "a store field of two credentials",
    changed("credentials", 1, {
      store: { store: "sealed", document: "payments", fields: { DATABASE_PASSWORD: "{secret}" } },
    }),
    "credentials[1].store.fields.DATABASE_PASSWORD: is written by another credential too",
  ],
  [
    "a private key",
    changed("consumers", 0, {
      signingKey: {
        kty: "OKP",
        crv: "Ed25519",
        x: "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
        d: "private",
      },
    }),
    "consumers[0].signingKey.d: is not a known key",
  ],
  [
    "a window that is no cron expression",
    changed("policies", 0, { windows: [{ cron: "often", zone: "UTC", duration: "1 h" }] }),
    "policies[0].windows[0].cron: a window's cron expression has five fields",
  ],
  [
    "a freeze that ends before it begins",
    changed("policies", 0, {
      freezes: [{ from: "2026-02-01T00:00:00Z", until: "2026-01-01T00:00:00Z", reason: "x" }],
    }),
    "policies[0].freezes[0].until: must be after from",
  ],
];

test.each(refusals)("%s is refused with its path", (_name, document, expected) => {
  expect(reasonsOf(document)).toContain(expected);
});

test("any document at all gives an inventory or problems, never an exception", () => {
  const entries = fc.array(
    fc.oneof(
      fc.jsonValue(),
      fc.dictionary(
        fc.constantFrom("id", "name", "owner", "consumers", "store", "issuer"),
        fc.jsonValue(),
      ),
    ),
  );
  const lists = fc.constantFrom("identities", "policies", "consumers", "credentials", "grants");
  fc.assert(
    fc.property(fc.oneof(fc.jsonValue(), fc.dictionary(lists, entries)), (document) => {
      const parsed = parseInventory(document);
      expect(parsed.problems === undefined).toBe(parsed.value !== undefined);
    }),
  );
});

test("a value in the wrong place is never repeated in a reason", () => {
  const document = changed("credentials", 0, {
    policy: "hunter2 in the wrong place",
    owner: { "s3cret!": 1 },
  });
  expect(reasonsOf(document).length).toBeGreaterThan(1);
  expect(reasonsOf(document).join()).not.toMatch(/hunter2|s3cret/);
});

test("the same document twice makes no difference", () => {
  const [before, after] = [parseInventory(fixture()).value, parseInventory(fixture()).value];
  if (before === undefined || after === undefined) throw new Error("the fixture is no inventory");
  expect(inventoryDifference(before, after).every(({ change }) => change === "same")).toBe(true);
});

test("editors get a schema that names the lists", () => {
  expect(Object.keys(inventoryJsonSchema()["properties"] as object)).toEqual([
    "identities",
    "policies",
    "consumers",
    "credentials",
    "grants",
  ]);
});
