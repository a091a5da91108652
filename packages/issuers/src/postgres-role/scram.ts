import { hash, createHmac, pbkdf2, randomBytes } from "node:crypto";
import { promisify } from "node:util";
import type { SecretValue } from "@rekey/domain";
import { Fault } from "@rekey/domain";

/** PostgreSQL's own default; pg refuses to log in above 100,000. */
const scramIterations = 4096;
const saltBytes = 16;
const keyBytes = 32;

// SASLprep (RFC 4013) leaves printable ASCII as it is. Other text would need its tables to give the same
// verifier as the server, so it is refused: generated passwords never contain any.
const printableAscii = /^[\x20-\x7e]{1,1024}$/;
const derive = promisify(pbkdf2);

/**
 * `SCRAM-SHA-256$<iterations>:<salt>$<StoredKey>:<ServerKey>` (RFC 5803, base64): what PostgreSQL keeps
 * instead of a password, so that no statement, log or error on the server ever holds the password.
 */
export async function scramVerifier(
  password: SecretValue,
  salt: Uint8Array = randomBytes(saltBytes),
): Promise<string> {
  const text = password.reveal();
  if (!printableAscii.test(text))
    throw new Fault("PROVIDER_REJECTED", { providerCode: "password-not-ascii" });
  const salted = await derive(text, salt, scramIterations, keyBytes, "sha256");
  const stored = hash("sha256", hmac(salted, "Client Key"), "base64");
  const server = hmac(salted, "Server Key").toString("base64");
  return `SCRAM-SHA-256$${scramIterations}:${Buffer.from(salt).toString("base64")}$${stored}:${server}`;
}

const hmac = (key: Uint8Array, text: string): Buffer =>
  createHmac("sha256", key).update(text).digest();
