import { readFile, stat } from "node:fs/promises";
import { Secret } from "@rekey/secret";
import type { Clock } from "@rekey/domain";
import type { Environment } from "../config/environment.ts";
import type { SecretReference } from "../config/settings.ts";
import { SecretFault } from "./fault.ts";
import type { SecretSource } from "./secret-source.ts";

type StoreReference = Extract<SecretReference, { kind: "store" }>;

export type SecretSourcesOptions = {
  readonly environment: Environment;
  readonly clock: Clock;
  /** Absent where a process has no stores: a `store:` reference is then refused when it is read. */
  readonly readStore?: (reference: StoreReference) => Promise<Secret>;
};

const cachedMs = 60_000;
const fileMaxBytes = 1_048_576;

/**
 * Turns references into sources: `env:` as the process started with, `file:` read again whenever
 * the file changed, `store:` resolved at use and kept for at most 60 s. Throws SecretFault, which
 * names the reference and never a value.
 */
export function createSecretSources(
  options: SecretSourcesOptions,
): (reference: SecretReference) => SecretSource {
  return (reference) => {
    if (reference.kind === "env") return environmentSource(reference.name, options.environment);
    if (reference.kind === "file") return fileSource(reference.path);
    return storeSource(reference, options);
  };
}

function environmentSource(name: string, environment: Environment): SecretSource {
  return {
    read: async () => {
      const value = environment[name];
      if (value === undefined || value === "") throw new SecretFault(`env:${name}`, "is not set");
      return Secret.fromUtf8(value);
    },
    invalidate: () => {},
  };
}

function fileSource(path: string): SecretSource {
  let cached: { readonly state: string; readonly secret: Secret } | undefined;
  const read = async (): Promise<Secret> => {
    const state = await stateOf(path);
    if (cached?.state !== state) cached = { state, secret: await readSecretFile(path) };
    return cached.secret;
  };
  return {
    read: async () => {
      try {
        return await read();
      } catch (error) {
        if (error instanceof SecretFault) throw error;
        const { code = "unknown" } = error as NodeJS.ErrnoException;
        throw new SecretFault(`file:${path}`, `cannot be read (${code})`);
      }
    },
    invalidate: () => {
      cached = undefined;
    },
  };
}

function storeSource(reference: StoreReference, options: SecretSourcesOptions): SecretSource {
  const { readStore, clock } = options;
  const name = `store:${reference.store}/${reference.address}#${reference.field}`;
  if (readStore === undefined) return withoutStores(name);
  let cached: { readonly until: number; readonly secret: Promise<Secret> } | undefined;
  const fetchOnce = (): Promise<Secret> => {
    const secret = readStore(reference);
    const entry = { until: clock.monotonicMs() + cachedMs, secret };
    cached = entry;
    // A failure is not kept: the next read asks again.
    secret.catch(() => {
      if (cached === entry) cached = undefined;
    });
    return secret;
  };
  return {
    read: async () => {
      const isFresh = cached !== undefined && clock.monotonicMs() < cached.until;
      return await (isFresh ? cached!.secret : fetchOnce());
    },
    invalidate: () => {
      cached = undefined;
    },
  };
}

/** Refused when it is read, as every reference that leads nowhere: whoever reads says which setting it is. */
function withoutStores(name: string): SecretSource {
  const text = "this process reads no stores: use env:NAME or file:path";
  return {
    read: async () => await Promise.reject(new SecretFault(name, text)),
    invalidate: () => {},
  };
}

// A mounted secret is replaced by renaming a link, an edited one in place: both change one of these.
async function stateOf(path: string): Promise<string> {
  const { ino, size, mtimeNs, ctimeNs } = await stat(path, { bigint: true });
  return [ino, size, mtimeNs, ctimeNs].join(" ");
}

async function readSecretFile(path: string): Promise<Secret> {
  const bytes = await readFile(path);
  try {
    const end =
      bytes.at(-1) !== 0x0a ? bytes.length : bytes.length - (bytes.at(-2) === 0x0d ? 2 : 1);
    if (end === 0) throw new SecretFault(`file:${path}`, "is empty");
    if (end > fileMaxBytes) throw new SecretFault(`file:${path}`, "is longer than 1 MiB");
    return Secret.fromBytes(bytes.subarray(0, end));
  } finally {
    bytes.fill(0);
  }
}
