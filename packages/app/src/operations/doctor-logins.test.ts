import { Fault, issuerId, storeId, type Issuer, type Store } from "@rekey/domain";
import { expect, test } from "vitest";
import { loginChecks } from "./doctor-logins.ts";

const call = () => ({ signal: AbortSignal.timeout(5_000), deadlineMs: 5_000, key: "doctor" });
const asked = async (ofIssuer: Issuer["loginRisk"], ofStore?: Store["loginRisk"]) =>
  await loginChecks({
    issuers: new Map([[issuerId("shop-vault"), { loginRisk: ofIssuer } as Issuer]]),
    stores: new Map([[storeId("vault"), { loginRisk: ofStore } as Store]]),
    call,
  });
const risk = { risk: "five refused logins lock it", command: "vault write …" };

test("what could end Rekey's own login fails, with the command against it", async () => {
  const risky = async () => await Promise.resolve(risk);
  expect(await asked(risky, risky)).toEqual([
    { name: "login of shop-vault", ok: false, found: risk.risk, next: risk.command },
    { name: "login of vault", ok: false, found: risk.risk, next: risk.command },
  ]);
});

test("nothing is said where nothing could, where nobody asks, and where nobody answers", async () => {
  const away = async () => await Promise.reject(new Fault("STORE_UNREACHABLE"));
  expect(await asked(async () => await Promise.resolve(undefined), away)).toEqual([]);
  expect(await asked(undefined)).toEqual([]);
});

test.each(["PROVIDER_DENIED", "STORE_REJECTED"] as const)(
  "a policy that may not read it, %s, is no failure, and is said",
  async (code) => {
    const denied = async () => await Promise.reject(new Fault(code, { providerCode: "403" }));
    const [row, ...more] = await asked(denied);
    expect(row).toMatchObject({ name: "login of shop-vault", ok: true, skipped: true });
    expect(row?.found).toContain(code);
    expect(more).toEqual([]);
  },
);
