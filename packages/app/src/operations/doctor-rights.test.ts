import { Fault, issuerId, type CredentialView, type Issuer } from "@rekey/domain";
import { expect, test } from "vitest";
import { rightsChecks } from "./doctor-rights.ts";

const shop = issuerId("shop");
const call = () => ({ signal: AbortSignal.timeout(5_000), deadlineMs: 5_000, key: "doctor" });
const view = (id: string, group: string, instance = shop) =>
  ({
    credential: { id, declared: true, ended: false, issuer: { instance, settings: { group } } },
    versions: [
      { life: "revoked", principal: `${id}_1` },
      { life: "valid", principal: `${id}_2` },
    ],
  }) as unknown as CredentialView;

const asked = async (views: readonly CredentialView[], missingRights: Issuer["missingRights"]) =>
  await rightsChecks({
    ledger: { credentials: async () => await Promise.resolve(views) },
    issuers: new Map([[shop, { missingRights } as Issuer]]),
    call,
  });

test("a right that a declared credential's rotation lacks is named once, with what grants it", async () => {
  const questions: unknown[] = [];
  const views = [view("a", "app"), view("b", "app"), view("c", "other", issuerId("elsewhere"))];
  const lacking = await asked(views, async (question) => {
    questions.push(question);
    return await Promise.resolve([{ right: "admin on app", grant: "grant app to rekey" }]);
  });
  expect(questions).toEqual([
    { settings: { group: "app" }, principals: ["a_2"] },
    { settings: { group: "app" }, principals: ["b_2"] },
  ]);
  expect(lacking).toEqual([
    {
      name: "rights of shop",
      ok: false,
      found: "PROVIDER_DENIED: without admin on app",
      next: "grant app to rekey",
    },
  ]);
  expect(await asked(views, async () => await Promise.resolve([]))).toMatchObject([
    { ok: true, found: "all that rotating 2 credentials needs" },
  ]);
});

test("a provider that does not tell is no failure, and nothing is asked where nothing is declared", async () => {
  const denied = new Fault("PROVIDER_DENIED", { providerCode: "403" });
  const untold = async () => await Promise.reject(denied);
  expect(await asked([view("a", "app")], untold)).toMatchObject([{ ok: true, skipped: true }]);
  expect(await asked([], untold)).toEqual([]);
  expect(await asked([view("a", "app")], undefined)).toEqual([]);
});
