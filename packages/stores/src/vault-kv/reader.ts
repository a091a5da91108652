import { hash } from "node:crypto";
import type { Cancellation, Clock } from "@rekey/domain";
import type { Secret } from "@rekey/secret";
import { openVaultClient, type VaultConnection } from "@rekey/vault-client";
import { pickFields } from "../reading.ts";
import { storeFault } from "./faults.ts";
import { kvOf } from "./kv.ts";

/** The workload's own way into Vault. Secrets are asked for at each login, so that they may change. */
export type VaultReaderAuth =
  | { readonly token: () => Promise<Secret> }
  | {
      readonly approle: {
        /** `approle` by default. */
        readonly mount?: string;
        readonly roleId: string;
        readonly secretId: () => Promise<Secret>;
      };
    };

export interface VaultKvReaderOptions {
  /** Each node's own address; the active one is found among them. */
  readonly addresses: readonly string[];
  readonly auth: VaultReaderAuth;
  readonly namespace?: string;
  /** PEM bundle of the authority that signed Vault's certificate; the system's by default. */
  readonly ca?: () => Promise<Secret>;
  /** Of the KV engine; `secret` by default. */
  readonly mount?: string;
  /** Path within the mount. */
  readonly document: string;
  /** Fields of the document to read. */
  readonly fields: readonly string[];
  /** The field whose template is `{version}`: it says which version the others are. */
  readonly versionField: string;
  readonly clock: Clock;
}

/** One state of the document, as a consumer sees it. */
export interface VaultKvReading {
  readonly version: number;
  readonly fields: Readonly<Record<string, Secret>>;
  /** SHA-256 of the document: equal digests, equal document. */
  readonly digest: string;
}

export interface VaultKvReader {
  /**
   * The current value; undefined while there is none, and when the document still is the one with `knownDigest`.
   * Throws Fault: STORE_REJECTED (not allowed, a field missing), STORE_UNREACHABLE.
   */
  read(knownDigest: string | undefined, signal: Cancellation): Promise<VaultKvReading | undefined>;
  /** Ends its login and its connections. */
  close(): Promise<void>;
}

const readMaxMs = 10_000;
const versionText = /^[1-9][0-9]{0,14}$/;

/** Reads one document with the reader's own rights: one GET, nothing of Rekey's folder, no write. */
export const openVaultKvReader = (options: VaultKvReaderOptions): VaultKvReader => {
  const { document, clock, mount = "secret" } = options;
  const client = openVaultClient({
    connection: connectionOf(options),
    clock,
    resolveSecret: (reference) => secretOf(options, reference),
  });
  return {
    read: async (knownDigest, signal) => {
      const call = { signal, deadlineMs: readMaxMs, key: `read ${document}` };
      const { isPresent, text } = await kvOf({ client, mount, clock }, call).read(document);
      if (!isPresent) return undefined;
      const digest = hash("sha256", text);
      return digest === knownDigest ? undefined : { ...valueIn(text, options), digest };
    },
    close: () => client.close(),
  };
};

const references = { ca: "ca", token: "token", secretId: "secret-id" } as const;

const connectionOf = ({
  addresses,
  namespace,
  ca,
  auth,
}: VaultKvReaderOptions): VaultConnection => ({
  addresses: [...addresses],
  ...(namespace === undefined ? {} : { namespace }),
  ...(ca === undefined ? {} : { tls: { ca: references.ca } }),
  auth:
    "token" in auth
      ? { token: references.token }
      : {
          approle: {
            mount: auth.approle.mount ?? "approle",
            roleId: auth.approle.roleId,
            secretId: references.secretId,
          },
        },
});

const secretOf = async ({ ca, auth }: VaultKvReaderOptions, reference: string): Promise<Secret> => {
  if (reference === references.ca && ca !== undefined) return ca();
  return "token" in auth ? auth.token() : auth.approle.secretId();
};

/** In a document that was there before Rekey the version is missing: nothing in it is taken for a value of ours. */
const valueIn = (
  text: string,
  { fields, versionField }: VaultKvReaderOptions,
): Pick<VaultKvReading, "version" | "fields"> => {
  const { [versionField]: numbered, ...values } = pickFields(text, [...fields, versionField]);
  const version = numbered?.reveal() ?? "";
  if (!versionText.test(version)) throw storeFault("STORE_REJECTED", "version-field");
  return { version: Number(version), fields: values };
};
