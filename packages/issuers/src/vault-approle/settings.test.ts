import { expect, test } from "vitest";
import { settingsOf, settingsProblems } from "./settings.ts";

test.each([
  { role: "payments" },
  { role: "a" },
  { role: "team.payments_api-2" },
  { role: "app", cidrs: ["10.0.0.0/8", "fd00::/8"], tokenCidrs: ["127.0.0.1/32"] },
])("good settings pass: %j", (settings) => {
  expect(settingsProblems(settings)).toEqual([]);
  expect(settingsOf(settings)).toEqual(settings);
});

test.each(["", "Payments", "a/b", "..", "-a", "a-", "a b", "a\u0000", "ä", "a".repeat(201)])(
  "a role that Vault would not take, or would rename, is refused: %j",
  (role) => {
    expect(settingsProblems({ role })).toMatchObject([{ path: "role" }]);
  },
);

test.each(["10.0.0.0", "10.0.0.0/33", "10.0.0/8", "::/129", "10.0.0.0/8/8", "10.0.0.0/-1", "/8"])(
  "what is no address block is refused: %j",
  (cidr) => {
    expect(settingsProblems({ role: "app", cidrs: [cidr] })).toMatchObject([{ path: "cidrs.0" }]);
  },
);

test("settings that were changed behind Rekey's back are a fault", () => {
  expect(() => settingsOf({ role: 7 })).toThrow(
    expect.objectContaining({ code: "PROVIDER_REJECTED", providerCode: "settings" }),
  );
});
