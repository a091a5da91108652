import type { Call, Clock } from "@rekey/domain";
import {
  VaultError,
  segmentsOf,
  vaultPath,
  type VaultClient,
  type VaultPath,
  type VaultReading,
  type VaultRequest,
} from "@rekey/vault-client";
import { z } from "zod";
import { scanMembers } from "../json-members.ts";
import { faultOfVault, storeFault } from "./faults.ts";

/** Below Raft's limit of 1 MiB for one entry, with room for what Vault adds. */
const documentBytesMax = 512 * 1_024;

/** The latest version of one path. `version` 0: never written. Deleted: empty, and `version` is what a write compares with. */
export interface KvDocument {
  readonly version: number;
  /** The JSON object as Vault wrote it. */
  readonly text: string;
  readonly isDestroyed: boolean;
  readonly isPresent: boolean;
}

interface KvHistory {
  readonly current: number;
  /** Older versions that can still be read. */
  readonly readable: readonly number[];
}

/** One KV engine of version 2, for one call of the port: all requests together end with it. Throws Fault only. */
export interface Kv {
  read(path: string): Promise<KvDocument>;
  /** The text of one version; undefined when it is deleted, destroyed or was never there. */
  readVersion(path: string, version: number): Promise<string | undefined>;
  /** Check-and-set: `cas` is the version that must be the latest one now, 0 for none. `text` is a JSON object. */
  write(path: string, text: string, cas: number): Promise<"written" | "mismatch">;
  history(path: string): Promise<KvHistory | undefined>;
  /** For ever: an undelete does not bring it back. */
  destroy(path: string, versions: readonly number[]): Promise<void>;
  /** The path and all its versions. */
  forget(path: string): Promise<void>;
}

export interface KvSetup {
  readonly client: VaultClient;
  readonly mount: string;
  readonly clock: Clock;
}

export const kvOf = (setup: KvSetup, call: Call): Kv => {
  const endsAt = setup.clock.monotonicMs() + call.deadlineMs;
  const mount = segmentsOf(setup.mount);
  const ask = async (request: VaultRequest): Promise<VaultReading> => {
    const deadlineMs = Math.max(0, endsAt - setup.clock.monotonicMs());
    try {
      return await setup.client.request(request, { ...call, deadlineMs });
    } catch (error) {
      throw faultOfVault(error);
    }
  };
  const at = (kind: "data" | "metadata" | "destroy", path: string): VaultPath => {
    try {
      return vaultPath`${mount}/${kind}/${segmentsOf(path)}`;
    } catch (error) {
      throw faultOfVault(error);
    }
  };
  return {
    read: async (path) => documentOf(await ask({ method: "GET", path: at("data", path) })),
    readVersion: async (path, version) => {
      const query = { version: String(version) };
      const { isPresent, text } = documentOf(
        await ask({ method: "GET", path: at("data", path), query }),
      );
      return isPresent ? text : undefined;
    },
    write: async (path, text, cas) => {
      const body = `{"options":{"cas":${cas}},"data":${text}}`;
      if (Buffer.byteLength(body) > documentBytesMax)
        throw storeFault("STORE_REJECTED", "too-large");
      try {
        return writtenBy(await ask({ method: "POST", path: at("data", path), body }));
      } catch (error) {
        if (isMismatch(error)) return "mismatch";
        throw error;
      }
    },
    history: async (path) => historyOf(await ask({ method: "GET", path: at("metadata", path) })),
    destroy: async (path, versions) => {
      await ask({ method: "POST", path: at("destroy", path), body: { versions } });
    },
    forget: async (path) => {
      await ask({ method: "DELETE", path: at("metadata", path) });
    },
  };
};

const isMismatch = (error: unknown): boolean =>
  error instanceof Error && error.cause instanceof VaultError && error.cause.kind === "cas";

// An engine of version 1 takes the same request, keeps our envelope as the value, and answers nothing.
const writtenBy = ({ data }: VaultReading): "written" => {
  if (typeof data["version"] !== "number") throw storeFault("STORE_REJECTED", "NOT_KV_V2");
  return "written";
};

const absent: KvDocument = { version: 0, text: "{}", isDestroyed: false, isPresent: false };

const documentOf = (reading: VaultReading): KvDocument => {
  const { metadata } = reading.data as { metadata?: { version?: unknown; destroyed?: unknown } };
  if (typeof metadata?.version !== "number") {
    if (!reading.found) return absent;
    throw storeFault("STORE_REJECTED", "NOT_KV_V2");
  }
  const { version, destroyed } = metadata;
  if (!reading.found) return { ...absent, version, isDestroyed: destroyed === true };
  const text = memberText(memberText(reading.text, "data"), "data");
  return { version, text, isDestroyed: false, isPresent: true };
};

/** The value's own text: a parser would change numbers and escapes of siblings. */
const memberText = (text: string, key: string): string => {
  const member = scanMembers(text)?.find((one) => one.key === key);
  if (member === undefined) throw storeFault("STORE_REJECTED", "NOT_KV_V2");
  return text.slice(member.valueStart, member.valueEnd);
};

const historySchema = z.object({
  current_version: z.int().nonnegative(),
  versions: z.record(
    z.string().regex(/^[1-9][0-9]{0,14}$/),
    z.object({ deletion_time: z.string(), destroyed: z.boolean() }),
  ),
});

const historyOf = ({ found, data }: VaultReading): KvHistory | undefined => {
  if (!found) return undefined;
  const parsed = historySchema.safeParse(data);
  if (!parsed.success) throw storeFault("STORE_REJECTED", "NOT_KV_V2");
  const { current_version: current, versions } = parsed.data;
  const readable = Object.entries(versions)
    .filter(([, { destroyed, deletion_time }]) => !destroyed && deletion_time === "")
    .map(([number]) => Number(number))
    .filter((number) => number !== current);
  return { current, readable };
};
