import { rm, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import type { Secret } from "@rekey/secret";
import { createCanary, fileSink, findCanaries } from "@rekey/testkit/canary";
import { canaryOf } from "../run/connect.ts";
import type { Layout } from "../run/layout.ts";

/** What a search of everything that a run wrote has found. */
interface Found {
  /** Files that hold a value, from the run's folder. */
  readonly places: readonly string[];
  /** The value that was planted for it, base64 in the middle of a log, was found: the search sees. */
  readonly sees: boolean;
}

type Searched = Pick<
  Layout,
  "root" | "logs" | "audit" | "attempts" | "dataDir" | "documents" | "inventory" | "config"
>;

interface Sought {
  readonly values: readonly Secret[];
  /** The data file, wherever it was asked for. */
  readonly json: string | undefined;
}

/**
 * Searches the logs of processes, commands, servers and the screen, the data file, audit events, payments, the ledger with its write-ahead log, the sealed documents and what was
 * configured for every value, raw, encoded and compressed. Not where a value belongs or was leaked on purpose.
 */
export const searchForValues = async (
  layout: Searched,
  { values, json }: Sought,
): Promise<Found> => {
  const { root, logs, audit, attempts, dataDir, documents, inventory, config } = layout;
  const planted = createCanary();
  const file = join(logs, "planted.log");
  await writeFile(file, Buffer.from(`a line with ${planted.value} in it`).toString("base64"));
  try {
    const sinks = [logs, audit, attempts, dataDir, documents, inventory, config]
      .concat(json ?? [])
      .map(fileSink);
    const hits = await findCanaries([planted, ...values.map(canaryOf)], sinks);
    const leaked = hits.filter(({ canary }) => canary !== planted);
    return {
      places: [...new Set(leaked.map(({ sink }) => relative(root, sink)))].toSorted(),
      sees: hits.some(({ canary, sink }) => canary === planted && sink === file),
    };
  } finally {
    await rm(file, { force: true });
  }
};
