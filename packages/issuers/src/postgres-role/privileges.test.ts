import { expect, test } from "vitest";
import type { RolePrivileges } from "./client.ts";
import { copiedFrom, differences } from "./privileges.ts";

const settings = { group: "app", database: "app" };
const inGroup = { role: "app", admin: false, inherit: true, set: true };
const plain: RolePrivileges = {
  attributes: [],
  connectionLimit: -1,
  validUntil: undefined,
  memberships: [inGroup],
  settings: [{ database: undefined, name: "role", value: "app" }],
  grantedObjects: [],
  ownedObjects: [],
};

const reader = { role: "reader", admin: false, inherit: true, set: false };
const changes: readonly [
  path: string,
  older: Partial<RolePrivileges>,
  newer: Partial<RolePrivileges>,
][] = [
  ["attributes", { attributes: ["createdb"] }, {}],
  ["attributes", {}, { attributes: ["bypassrls"] }],
  ["connectionLimit", { connectionLimit: 5 }, {}],
  ["memberships", { memberships: [inGroup, reader] }, {}],
  ["memberships", { memberships: [] }, { memberships: [] }],
  ["settings", { settings: [{ database: "app", name: "work_mem", value: "1GB" }] }, {}],
  ["granted", { grantedObjects: ["1/2/3/0"] }, {}],
  ["owned", { ownedObjects: ["1/2/3/0"] }, {}],
  ["validUntil", {}, { validUntil: 1 }],
];

for (const [path, older, newer] of changes) {
  test(`a difference in ${path} is seen: ${JSON.stringify([older, newer])}`, () => {
    const found = differences({ ...plain, ...older }, { ...plain, ...newer }, settings);
    expect(found.map((difference) => difference.path)).toEqual([path]);
  });
}

test("like roles do not differ, nor by an end that only the older one has", () => {
  expect(differences(plain, plain, settings)).toEqual([]);
  expect(differences({ ...plain, validUntil: 1 }, plain, settings)).toEqual([]);
});

test("an adopted role that did not become its group is followed by one that does", () => {
  const legacy = { ...plain, memberships: [], settings: [] };
  expect(differences(legacy, plain, settings)).toEqual([]);
});

test("memberships and settings are copied, the group's own not twice, and the settings' limit wins", () => {
  const workMem = { database: undefined, name: "work_mem", value: "1GB" };
  const older = {
    ...plain,
    connectionLimit: 9,
    memberships: [inGroup, reader],
    settings: [...plain.settings, workMem],
  };
  const copied = { memberships: [reader], settings: [workMem] };
  expect(copiedFrom(older, settings)).toEqual({ ...copied, connectionLimit: 9 });
  expect(copiedFrom(older, { ...settings, connectionLimit: 3 }).connectionLimit).toBe(3);
  expect(copiedFrom(undefined, settings).connectionLimit).toBe(-1);
});
