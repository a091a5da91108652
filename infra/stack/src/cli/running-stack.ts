import { join } from "node:path";
import type { ConnectionParts } from "@rekey/runtime";
import { StackFault } from "../fault.ts";
import { admin, credentialsOf } from "../kafka/access.ts";
import type { Credentials } from "../kafka/connect.ts";
import { keptPassword } from "../postgres/connect.ts";
import { passwordFileName } from "../postgres/settings.ts";
import { readKeys } from "../vault/keys.ts";
import { folderOf } from "./context.ts";
import { partFacts, stackParts, type StackPart } from "./parts.ts";
import { problemOf } from "./probe.ts";
import { openState, type PartRecord } from "./state.ts";

/** Systems that run, with everything that an administrator of them has. */
export interface RunningStack {
  readonly kafka: {
    /** `host:port`. */
    readonly brokers: readonly string[];
    /** Absent where whoever connects may do everything. */
    readonly sasl?: { readonly admin: Credentials; readonly rekey: Credentials };
  };
  readonly redis: { readonly url: string };
  readonly vault: { readonly address: string; readonly rootToken: string };
  /** The ledger's server, as its superuser. */
  readonly postgres: ConnectionParts;
  /** The server whose roles are credentials, as its superuser. */
  readonly target: ConnectionParts;
}

/** What `up` left running in this folder. Throws START_FAILED, which names each part that does not answer. */
export const runningStack = async (folder: string): Promise<RunningStack> => {
  const state = await openState(folder);
  const records = await Promise.all(
    stackParts.map(async (part) => await answering(part, state.find(part), folder)),
  );
  const problems = records.flatMap((record) => (typeof record === "string" ? [record] : []));
  if (problems.length > 0) throw new StackFault("START_FAILED", problems.join("\n"));
  const recordOf = (part: StackPart): PartRecord =>
    records.find((record) => typeof record === "object" && record.part === part) as PartRecord;
  return {
    kafka: await kafkaOf(recordOf("kafka"), folder),
    redis: { url: partFacts.redis.address(recordOf("redis").port) },
    vault: await vaultOf(recordOf("vault"), folder),
    postgres: await superuserOf(recordOf("postgres"), folder),
    target: await superuserOf(recordOf("target"), folder),
  };
};

/** The record, or what is wrong in words. */
const answering = async (
  part: StackPart,
  record: PartRecord | undefined,
  folder: string,
): Promise<PartRecord | string> => {
  if (record === undefined) return `${part} was not started`;
  const problem = await problemOf(record, { folder });
  return problem === undefined ? record : `${part} does not answer: ${problem}`;
};

const kafkaOf = async (record: PartRecord, folder: string): Promise<RunningStack["kafka"]> => {
  const brokers = [partFacts.kafka.address(record.port)];
  if (!record.sasl) return { brokers };
  const own = folderOf({ folder }, record);
  const sasl = { admin: await credentialsOf(own, admin), rekey: await credentialsOf(own, "rekey") };
  return { brokers, sasl };
};

const vaultOf = async (record: PartRecord, folder: string): Promise<RunningStack["vault"]> => {
  const keys = await readKeys(folderOf({ folder }, record));
  return { address: partFacts.vault.address(record.port), rootToken: keys?.rootToken ?? "" };
};

const superuserOf = async (record: PartRecord, folder: string): Promise<ConnectionParts> => ({
  host: "127.0.0.1",
  port: record.port,
  user: "postgres",
  database: "postgres",
  password: await keptPassword(join(folderOf({ folder }, record), passwordFileName)),
});
