import { inspect } from "node:util";
import { Fault } from "@rekey/domain";
import { VaultError } from "@rekey/vault-client";
import type { VaultKind } from "@rekey/vault-client";
import { expect, test } from "vitest";
import { asRead, faultOf } from "./failure.ts";

const expected: readonly (readonly [VaultKind, string])[] = [
  ["denied", "PROVIDER_DENIED"],
  ["dead-token", "PROVIDER_UNREACHABLE"],
  ["sealed", "PROVIDER_UNREACHABLE"],
  ["standby", "PROVIDER_UNREACHABLE"],
  ["unreachable", "PROVIDER_UNREACHABLE"],
  ["timeout", "PROVIDER_TIMEOUT"],
  ["throttled", "PROVIDER_THROTTLED"],
  ["not-found", "PROVIDER_REJECTED"],
  ["invalid", "PROVIDER_REJECTED"],
  ["cas", "PROVIDER_REJECTED"],
];

test.each(expected)("what Vault answers as %s is %s", (kind, code) => {
  const fault = faultOf(new VaultError({ kind, providerCode: "418", retryAfterMs: 7 }));
  expect(fault).toBeInstanceOf(Fault);
  expect(fault).toMatchObject({ code, providerCode: "418", retryAfterMs: 7 });
  expect(inspect(fault)).toContain("418");
});

test("an effect without an answer is unknown, a read is not", () => {
  const lost = new VaultError({ kind: "timeout", providerCode: "DEADLINE", unknownOutcome: true });
  expect(faultOf(lost)).toMatchObject({ unknownOutcome: true });
  expect(faultOf(asRead(lost))).toMatchObject({
    code: "PROVIDER_TIMEOUT",
    providerCode: "DEADLINE",
    unknownOutcome: false,
  });
});

test("what is not Vault's passes unchanged", () => {
  const fault = new Fault("PROVIDER_UNSURE");
  expect(faultOf(fault)).toBe(fault);
  expect(asRead(fault)).toBe(fault);
});
