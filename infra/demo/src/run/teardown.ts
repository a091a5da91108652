import { readFile, rm } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { isAlive } from "./children.ts";
import { sprungFile } from "./failpoint.ts";
import type { Layout } from "./layout.ts";
import type { Started } from "./setup.ts";

export interface LeftOver {
  readonly processes: readonly string[];
  readonly ports: readonly number[];
}

/** Stops everything, the latest first; one that fails does not keep the others running. */
export const stopAll = async (started: readonly Started[]): Promise<void> => {
  const failures: unknown[] = [];
  for (const one of started.toReversed())
    await one.stop().catch((error: unknown) => failures.push(error));
  if (failures.length > 0) throw new AggregateError(failures, "not everything could be stopped");
};

/** Where the servers of a run listen and which processes they are, read while they still run. */
export const serversOf = async (layout: Layout): Promise<readonly ServerPlace[]> =>
  await Promise.all(
    [layout.target, join(layout.dataDir, "postgres")].map(async (folder) => {
      const lines = (await readFile(join(folder, "cluster", "postmaster.pid"), "utf8")).split("\n");
      return { pid: Number(lines[0]), port: Number(lines[3]) };
    }),
  );

export interface ServerPlace {
  readonly pid: number;
  readonly port: number;
}

/** What still runs or listens of all that was started. */
export const leftOver = async (
  started: readonly Started[],
  servers: readonly ServerPlace[],
): Promise<LeftOver> => {
  const pids = [
    ...started.flatMap(({ name, pids: of }) => of().map((pid) => ({ name, pid }))),
    ...servers.map(({ pid }) => ({ name: "PostgreSQL", pid })),
  ];
  const open = await Promise.all(
    servers.map(async ({ port }) => ((await answers(port)) ? port : 0)),
  );
  return {
    processes: pids.filter(({ pid }) => isAlive(pid)).map(({ name, pid }) => `${name} ${pid}`),
    ports: open.filter((port) => port !== 0),
  };
};

const connectMsMax = 1_000;

const answers = async (port: number): Promise<boolean> =>
  await new Promise((resolve) => {
    const socket = connect({ host: "127.0.0.1", port, timeout: connectMsMax });
    const settle = (isOpen: boolean): void => {
      socket.destroy();
      resolve(isOpen);
    };
    socket.once("connect", () => settle(true));
    socket.once("timeout", () => settle(true));
    socket.once("error", () => settle(false));
  });

/** Databases and keys go; what a person may want to read stays. */
export const removeBulk = async (layout: Layout): Promise<void> => {
  const { dataDir, target, programs, documents, keys, published, failpoint } = layout;
  const bulk = [dataDir, target, programs, documents, keys, published, failpoint];
  for (const path of [...bulk, sprungFile(failpoint)])
    await rm(path, { recursive: true, force: true });
};
