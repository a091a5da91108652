import { expect, test } from "vitest";
import { classify } from "./fault.ts";

// As Node names them: https://nodejs.org/api/tls.html#x509-certificate-error-codes
test.each([
  "SELF_SIGNED_CERT_IN_CHAIN",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  "CERT_HAS_EXPIRED",
  "HOSTNAME_MISMATCH",
  "ERR_TLS_CERT_ALTNAME_INVALID",
])("a server whose certificate is refused by %s is away, and not a bug of ours", (code) => {
  const refused = Object.assign(new Error("of the driver"), { code });
  expect(classify(refused, "connect")).toMatchObject({ code: "POSTGRES_UNAVAILABLE" });
});

test("an error that the database has nothing to do with stays what it is", () => {
  const other = Object.assign(new Error("of somebody else"), { code: "CERTAINLY_NOT" });
  expect(classify(other, "connect")).toBe(undefined);
});
