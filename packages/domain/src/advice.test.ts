import { expect, test } from "vitest";
import { adviceOf } from "./advice.ts";
import { faultCodes } from "./fault.ts";

test.each([
  ["LOGIN_REFUSED", /secret id.*file/],
  ["LOGIN_LOCKED", /sys\/locked-users.*user lockout off/],
  ["TOKEN_REFUSED", /reference/],
])("%s has one text, whoever was asked", (providerCode, next) => {
  const advice = adviceOf({ code: "STORE_UNREACHABLE", providerCode });
  expect(advice.next).toMatch(next);
  expect(adviceOf({ code: "PROVIDER_UNREACHABLE", providerCode })).toEqual(advice);
});

test.each(["28P01", "28000"])(
  "%s is of Rekey's own login only where that was made",
  (providerCode) => {
    for (const code of ["PROVIDER_DENIED", "LEDGER_UNREACHABLE"] as const)
      expect(adviceOf({ code, providerCode }).next).toMatch(/connection string.*pg_hba/);
    expect(adviceOf({ code: "VERIFY_REFUSED", providerCode })).toEqual(faultCodes.VERIFY_REFUSED);
  },
);

test("every other fault has the text of its code", () => {
  const { STORE_UNREACHABLE } = faultCodes;
  for (const providerCode of [undefined, "", "SEALED", "toString", "constructor"])
    expect(adviceOf({ code: "STORE_UNREACHABLE", providerCode })).toEqual(STORE_UNREACHABLE);
});
