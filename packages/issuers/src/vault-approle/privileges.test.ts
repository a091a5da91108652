import { expect, test } from "vitest";
import type { SecretIdFacts } from "./client.ts";
import { boundsFor, differences } from "./privileges.ts";

const older: SecretIdFacts = {
  accessor: "older",
  metadata: {},
  createdAt: 0,
  expiresAt: undefined,
  numUses: 0,
  cidrs: ["10.0.0.0/8", "127.0.0.0/8"],
  tokenCidrs: [],
};
const settings = { role: "app" };

test("a new version gets the older one's bounds, unless the settings say others", () => {
  expect(boundsFor(settings, older)).toEqual({ cidrs: older.cidrs, tokenCidrs: [] });
  expect(boundsFor(settings, undefined)).toEqual({ cidrs: [], tokenCidrs: [] });
  const tokenCidrs = ["10.1.0.0/16"];
  expect(boundsFor({ ...settings, tokenCidrs }, older)).toEqual({ cidrs: older.cidrs, tokenCidrs });
});

test("the same bounds in another order are no difference", () => {
  const newer = { ...older, accessor: "newer", cidrs: ["127.0.0.0/8", "10.0.0.0/8"] };
  expect(differences(older, newer, settings)).toEqual([]);
});

test.each([
  ["cidrs", { cidrs: ["10.0.0.0/8"] }],
  ["tokenCidrs", { tokenCidrs: ["10.0.0.0/8"] }],
  ["numUses", { numUses: 3 }],
  ["expiresAt", { expiresAt: 1 }],
])("a newer version that may do less is told: %s", (path, change) => {
  expect(differences(older, { ...older, ...change }, settings)).toMatchObject([{ path }]);
});

test("a newer version that ends later is no difference", () => {
  expect(differences({ ...older, expiresAt: 1 }, { ...older, expiresAt: 2 }, settings)).toEqual([]);
  expect(differences({ ...older, expiresAt: 1 }, older, settings)).toEqual([]);
});
