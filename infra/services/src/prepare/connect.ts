import { createHash, createHmac, pbkdf2, randomBytes } from "node:crypto";
import { chmod, mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { promisify } from "node:util";
import { Secret } from "@rekey/secret";

// RFC 7677; as many as PostgreSQL itself takes by default.
const iterations = 4_096;
const saltBytes = 16;
const keyBytes = 32;

/**
 * What PostgreSQL keeps of a password. Given instead of the password, no statement holds what a log could show
 * (https://www.postgresql.org/docs/current/catalog-pg-authid.html).
 */
export const scramVerifier = async (password: Secret): Promise<string> => {
  const salt = randomBytes(saltBytes);
  const salted = await promisify(pbkdf2)(
    password.revealBytes(),
    salt,
    iterations,
    keyBytes,
    "sha256",
  );
  const keyed = (name: string): Buffer => createHmac("sha256", salted).update(name).digest();
  const storedKey = createHash("sha256").update(keyed("Client Key")).digest("base64");
  const serverKey = keyed("Server Key").toString("base64");
  return `SCRAM-SHA-256$${iterations}:${salt.toString("base64")}$${storedKey}:${serverKey}`;
};

/** Writes a secret's file, which only this user may read; one that holds it already is left alone. */
export const keepSecret = async (file: string, secret: Secret): Promise<void> => {
  if ((await readSecret(file))?.equals(secret) === true) return await chmod(file, 0o600);
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const unfinished = `${file}.unfinished`;
  await writeFile(unfinished, secret.revealBytes(), { mode: 0o600 });
  await rename(unfinished, file);
};

/** Undefined where there is no such file. */
export const readSecret = async (file: string): Promise<Secret | undefined> => {
  const bytes = await readFile(file).catch(() => undefined);
  return bytes === undefined ? undefined : Secret.fromBytes(bytes);
};

/** The body of Vault's AppRole login. */
export const approleLogin = (roleId: string, secretId: Secret): Record<string, string> => ({
  role_id: roleId,
  secret_id: secretId.reveal(),
});
