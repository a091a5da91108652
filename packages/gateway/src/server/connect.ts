import { readFile } from "node:fs/promises";
import { createSecureContext, type SecureContextOptions } from "node:tls";
import { ConfigFault, SecretFault, type SecretSource } from "@rekey/runtime";
import type { TlsOptions } from "../network/options.ts";

/** Ends TLS with what the files say now. Throws ConfigFault for a file that cannot be used. */
export const readTls = async (
  { certificate, clientCa }: TlsOptions,
  key: SecretSource,
): Promise<SecureContextOptions> => {
  const cert = await readPem("certificate", certificate);
  const ca = clientCa === undefined ? undefined : await readPem("clientCa", clientCa);
  const secret = await key.read().catch((error: unknown) => {
    throw refused("key", error instanceof SecretFault ? error.publicText : "cannot be read");
  });
  const context: SecureContextOptions = {
    cert,
    key: secret.reveal(),
    minVersion: "TLSv1.2",
    ...(ca !== undefined && { ca }),
  };
  check(context);
  return context;
};

const refused = (setting: string, text: string): ConfigFault =>
  new ConfigFault([{ path: `gateway.tcp.tls.${setting}`, text }]);

const readPem = async (setting: string, path: string): Promise<Buffer> => {
  const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    throw refused(setting, `${path} cannot be read (${error.code ?? "unknown"})`);
  });
  if (!bytes.includes("-----BEGIN CERTIFICATE-----"))
    throw refused(setting, `${path} holds no certificate in PEM`);
  return bytes;
};

// OpenSSL's texts may quote the file: only which setting it was about is told.
const check = (context: SecureContextOptions): void => {
  try {
    createSecureContext(context);
  } catch (error) {
    const { code = "unknown" } = error as NodeJS.ErrnoException;
    if (code === "ERR_OSSL_X509_KEY_VALUES_MISMATCH")
      throw refused("key", "does not belong to the certificate");
    throw refused("key", `cannot be used with the certificate (${code})`);
  }
};
