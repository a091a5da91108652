import { createHash, webcrypto } from "node:crypto";
// The X.509 library needs it before itself.
import "reflect-metadata";
import * as x509 from "@peculiar/x509";

/** PEM texts. */
export interface TestCertificate {
  readonly certificate: string;
  readonly key: string;
}

/** Who a certificate is for. */
export interface TestSubject {
  readonly name: string;
  readonly dns?: readonly string[];
  readonly uris?: readonly string[];
  readonly addresses?: readonly string[];
  /** Milliseconds of validity from now on; a negative length has ended. An hour by default. */
  readonly validMs?: number;
}

/** A certificate authority made for one test. */
export interface TestAuthority extends TestCertificate {
  /** A certificate for both ends of a connection. */
  issue(subject: TestSubject): Promise<TestCertificate>;
}

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const hourMs = 3_600_000;
/** Authorities are valid this long around now; certificates of negative length lie inside it too. */
const authorityMs = 24 * hourMs;

/** Real X.509 certificates on P-256, made in memory: none is ever kept in the project. */
export const createTestAuthority = async (name: string): Promise<TestAuthority> => {
  const keys = await newKeys();
  const now = Date.now();
  const root = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serialOf(`${name} ${now}`),
    name: `CN=${name}`,
    notBefore: new Date(now - authorityMs),
    notAfter: new Date(now + authorityMs),
    keys,
    signingAlgorithm: algorithm,
    extensions: [new x509.BasicConstraintsExtension(true, 0, true)],
  });
  let issued = 0;
  return {
    certificate: root.toString("pem"),
    key: await pemOf(keys.privateKey),
    issue: async (subject) => {
      issued += 1;
      const own = await newKeys();
      const serialNumber = serialOf(`${name} ${now} ${issued}`);
      const certificate = await x509.X509CertificateGenerator.create({
        ...partsOf(subject, now),
        serialNumber,
        issuer: root.subject,
        publicKey: own.publicKey,
        signingKey: keys.privateKey,
        signingAlgorithm: algorithm,
      });
      return { certificate: certificate.toString("pem"), key: await pemOf(own.privateKey) };
    },
  };
};

const partsOf = (subject: TestSubject, now: number) => {
  const { name, dns = [], uris = [], addresses = [], validMs = hourMs } = subject;
  const names: x509.JsonGeneralNames = [
    ...dns.map((value) => ({ type: "dns" as const, value })),
    ...uris.map((value) => ({ type: "url" as const, value })),
    ...addresses.map((value) => ({ type: "ip" as const, value })),
  ];
  return {
    subject: [{ CN: [name] }],
    notBefore: new Date(now - 2 * hourMs),
    notAfter: new Date(now + validMs),
    extensions: names.length === 0 ? [] : [new x509.SubjectAlternativeNameExtension(names)],
  };
};

const newKeys = async () => await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);

const pemOf = async (key: webcrypto.CryptoKey): Promise<string> =>
  x509.PemConverter.encode(await webcrypto.subtle.exportKey("pkcs8", key), "PRIVATE KEY");

// Two certificates of one authority never share a number; a leading 1 keeps it positive.
const serialOf = (text: string): string =>
  `1${createHash("sha256").update(text).digest("hex").slice(0, 19)}`;
