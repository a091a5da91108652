import { X509Certificate } from "node:crypto";
import { expect, test } from "vitest";
import { createTestAuthority } from "./certificates.ts";

test("a certificate is signed by its authority alone, for its names and its time", async () => {
  const [authority, other] = await Promise.all([
    createTestAuthority("a"),
    createTestAuthority("a"),
  ]);
  const issued = await authority.issue({
    name: "payments",
    dns: ["localhost"],
    uris: ["spiffe://example.org/payments"],
    addresses: ["127.0.0.1"],
  });
  const certificate = new X509Certificate(issued.certificate);
  expect(certificate.verify(new X509Certificate(authority.certificate).publicKey)).toBe(true);
  expect(certificate.verify(new X509Certificate(other.certificate).publicKey)).toBe(false);
  expect(certificate.checkHost("localhost")).toBe("localhost");
  expect(certificate.checkIP("127.0.0.1")).toBe("127.0.0.1");
  expect(certificate.subjectAltName).toContain("URI:spiffe://example.org/payments");
  expect(certificate.subject).toBe("CN=payments");
});

test("a certificate of negative length has ended", async () => {
  const authority = await createTestAuthority("a");
  const { certificate } = await authority.issue({ name: "late", validMs: -1_000 });
  expect(new X509Certificate(certificate).validToDate.getTime()).toBeLessThan(Date.now());
});
