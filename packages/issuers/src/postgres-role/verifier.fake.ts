import { createHmac, hash, pbkdf2Sync } from "node:crypto";
import type { SecretValue } from "@rekey/domain";

const keyBytes = 32;

/** Whether the server would accept a password against what it keeps (RFC 5802). */
export function verifierAccepts(verifier: string | undefined, password: SecretValue): boolean {
  const shape = /^SCRAM-SHA-256\$(\d+):([^$]+)\$([^:]+):(.+)$/.exec(verifier ?? "");
  if (shape === null) return false;
  const [, iterations, salt, stored] = shape;
  const saltBytes = Buffer.from(salt ?? "", "base64");
  const salted = pbkdf2Sync(password.reveal(), saltBytes, Number(iterations), keyBytes, "sha256");
  const clientKey = createHmac("sha256", salted).update("Client Key").digest();
  return hash("sha256", clientKey, "base64") === stored;
}
