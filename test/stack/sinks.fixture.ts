import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { Secret } from "@rekey/secret";
import type { Canary, CanarySink } from "@rekey/testkit";
import { fileSink, findCanaries } from "@rekey/testkit/canary";
import type { Payments } from "./payments.fixture.ts";
import type { World } from "./world.fixture.ts";

/** What somebody could read who gets hold of a disk, by the kind of place. */
export interface Sinks {
  /** Kafka's segments, without the topic that a scanner's raw reports went by. */
  readonly kafka: readonly CanarySink[];
  /** That one topic: whoever sends reports there was told that it holds values. */
  readonly rawReports: readonly CanarySink[];
  /** Its append-only file, and every command that a client sent. */
  readonly redis: readonly CanarySink[];
  readonly vaultAudit: readonly CanarySink[];
  /** Tables, indexes and the write-ahead log. */
  readonly ledger: readonly CanarySink[];
  readonly outputs: readonly CanarySink[];
}

export const rawTopic = "rekey.in.gitleaks";

export const sinksOf = async (
  { started, folder, installation }: World,
  { payments, commands }: { readonly payments: Payments; readonly commands: string },
): Promise<Sinks> => {
  const segments = (await filesBelow(started.kafka.folder)).filter((file) => file.endsWith(".log"));
  const isRaw = (file: string): boolean => file.includes(`/${rawTopic}-`);
  return {
    kafka: segments.filter((file) => !isRaw(file)).map((file) => fileSink(file)),
    rawReports: segments.filter(isRaw).map((file) => fileSink(file)),
    redis: [fileSink(join(started.redis.folder, "appendonlydir")), fileSink(commands)],
    vaultAudit: [fileSink(started.vault.auditFile)],
    ledger: [fileSink(join(folder, "postgres"))],
    outputs: [fileSink(join(installation.folder, "logs")), fileSink(payments.logFile)],
  };
};

const filesBelow = async (folder: string): Promise<readonly string[]> => {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
};

/** Values by what they are. */
export type Values = ReadonlyMap<string, string>;

const canaryOf = (value: string): Canary => ({ value, secret: Secret.fromUtf8(value) });

/** `what in where as how`, for each value and place that holds it. */
export const search = async (
  values: Values,
  sinks: readonly CanarySink[],
): Promise<readonly string[]> => {
  const named = [...values].map(([what, value]) => ({ what, canary: canaryOf(value) }));
  const hits = await findCanaries(
    named.map(({ canary }) => canary),
    sinks,
  );
  const found = hits.map(({ canary, sink, encoding }) => {
    const what = named.find((one) => one.canary === canary)?.what;
    return `${what} in ${sink} as ${encoding}`;
  });
  return [...new Set(found)].toSorted();
};
