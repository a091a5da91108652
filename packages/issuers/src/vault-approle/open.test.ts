import { issuerId } from "@rekey/domain";
import { systemClock } from "@rekey/runtime";
import { expect, test } from "vitest";
import { openVaultApprole, vaultApproleOptions } from "./open.ts";

const addresses = ["https://vault-1.example:8200", "https://vault-2.example:8200"];
const auth = { token: "file:/etc/rekey/vault-token" };
const endpoints = [
  { name: "west", address: "https://west.example:8200" },
  { name: "east", address: "https://east.example:8200" },
];

const open = (given: Readonly<Record<string, unknown>>) =>
  openVaultApprole({
    instance: issuerId("vault"),
    options: vaultApproleOptions.parse({ addresses, auth, ...given }),
    clock: systemClock,
    resolveSecret: () => Promise.reject(new Error("nothing is asked before the first call")),
  });

test("without endpoints the active node is the one vantage", async () => {
  const issuer = open({});
  expect(issuer.vantages).toEqual(["active-node"]);
  await issuer.close();
});

test("every endpoint is a vantage", async () => {
  const issuer = open({ endpoints });
  expect(issuer.vantages).toEqual(["west", "east"]);
  await issuer.close();
});

test.each([
  ["two endpoints while user lockout is on", { endpoints, userLockout: "on" }],
  ["two endpoints of one name", { endpoints: [endpoints[0], endpoints[0]] }],
  ["no endpoint", { endpoints: [] }],
  ["plain HTTP beyond this host", { addresses: ["http://vault.example:8200"] }],
  ["plain HTTP for an endpoint", { endpoints: [{ name: "one", address: "http://vault.example" }] }],
  ["a mount that leads elsewhere", { mount: "../sys" }],
  ["a mount with its prefix's slash", { mount: "/approle" }],
  ["an unknown option", { mounts: "approle" }],
])("%s is refused", (_what, given) => {
  expect(vaultApproleOptions.safeParse({ addresses, auth, ...given }).success).toBe(false);
});
