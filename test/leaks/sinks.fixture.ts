import { readdir, readFile } from "node:fs/promises";
import { Secret } from "@rekey/secret";
import {
  bytesSink,
  databaseSink,
  fileSink,
  findCanary,
  type Canary,
  type CanarySink,
} from "@rekey/testkit";
import { join } from "node:path";
import { ownDatabase } from "../processes/own-database.fixture.ts";
import type { Stage } from "../processes/stage.fixture.ts";

/** What is looked for, by what it is. */
export type Planted = Map<string, Canary>;

/** A value that was not made to be searched for, such as a minted one. */
export const asCanary = (value: string): Canary => ({ value, secret: Secret.fromUtf8(value) });

/** What only exists while it runs: arguments and environment of every process, and what the API answered. */
export interface Seen {
  readonly replies: string[];
  readonly processes: CanarySink[];
}

/** Remembers arguments and environment of the running rekey and of every process below it. */
export const lookAtProcesses = async ({ installation }: Stage, seen: Seen): Promise<void> => {
  const root = installation.processes.at(-1)?.pid ?? 0;
  for (const pid of await descendants(root)) {
    for (const part of ["environ", "cmdline"]) {
      const path = `/proc/${pid}/${part}`;
      const bytes = await readFile(path).catch(() => Buffer.alloc(0));
      seen.processes.push(bytesSink(path, bytes));
    }
  }
};

/** Every place outside issuers and stores that a value could have reached. */
export const everySink = async (
  stage: Stage,
  seen: Seen,
  targetLog: readonly string[],
): Promise<readonly CanarySink[]> => {
  const { installation, target } = stage;
  const outputs = installation.processes.flatMap((one, index) => {
    const { stdout, stderr } = one.output();
    return [bytesSink(`stdout ${index + 1}`, stdout), bytesSink(`stderr ${index + 1}`, stderr)];
  });
  const own = ownDatabase(installation);
  return [
    ...outputs,
    bytesSink("replies of the API", seen.replies.join("\n")),
    ...seen.processes,
    databaseSink(own.url),
    // The same tables as pages, with what was deleted from them.
    fileSink(join(installation.dataDir, "postgres/cluster/base", await own.folder())),
    bytesSink("log of the target server", targetLog.join("\n")),
    databaseSink(target.server.url()),
  ];
};

/** `what in where`, once for each value and place that holds it. */
export const search = async (
  planted: Planted,
  sinks: readonly CanarySink[],
): Promise<readonly string[]> => {
  const found = new Set<string>();
  for (const [what, canary] of planted)
    for (const { sink } of await findCanary(canary, sinks)) found.add(`${what} in ${sink}`);
  return [...found].toSorted();
};

const descendants = async (root: number): Promise<readonly number[]> => {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name)).map(Number);
  const parents = new Map<number, number>();
  for (const pid of pids) {
    const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
    // proc(5): the parent is the second field after the name in brackets.
    parents.set(pid, Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]));
  }
  const family = [root];
  for (const member of family)
    family.push(...pids.filter((pid) => parents.get(pid) === member && !family.includes(pid)));
  return family;
};
