import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { allOrNone } from "../process/all-or-none.ts";
import { freePort } from "../process/port.ts";
import { newClusterId, startKafka, type KafkaOptions, type RunningKafka } from "./start.ts";

export interface KafkaClusterOptions extends Pick<KafkaOptions, "settings" | "environment"> {
  /** One folder for each broker is made below it. */
  readonly folder: string;
  /** Each is broker and controller, so more than half of them have to run. */
  readonly brokers: number;
  /** Of each JVM, after the small heap; the last of two that contradict counts. */
  readonly javaOptions?: readonly string[];
}

export interface RunningKafkaCluster {
  /** By node id, which begins at 1; each is stopped, killed, paused and restarted on its own. */
  readonly nodes: readonly RunningKafka[];
  /** `host:port` of each. */
  readonly brokers: readonly string[];
  /** Throws when there is no such node. */
  node(id: number): RunningKafka;
  /** Kills them all: once most are gone, the last ones wait in vain for a controller to let them go. */
  end(): Promise<void>;
}

const heap = "-Xmx256m";

/**
 * Apache Kafka, several nodes on 127.0.0.1, ready when each of them is. Throws as `startKafka` does, and then leaves
 * none running.
 */
export const startKafkaCluster = async (
  options: KafkaClusterOptions,
): Promise<RunningKafkaCluster> => {
  const folder = resolve(options.folder);
  const clusterId = await keptClusterId(folder);
  const controllerPorts: Record<number, number> = {};
  for (let id = 1; id <= options.brokers; id++) controllerPorts[id] = await freePort();
  const starting = Object.entries(controllerPorts).map(([id, controllerPort]) =>
    startKafka({
      ...options,
      folder: join(folder, `node-${id}`),
      controllerPort,
      javaOptions: [heap, ...(options.javaOptions ?? [])],
      node: { id: Number(id), clusterId, controllerPorts },
    }),
  );
  const nodes = await allOrNone(starting, (node) => node.kill());
  const end = async (): Promise<void> => {
    await Promise.all(nodes.map((node) => node.kill()));
  };
  const node = (id: number): RunningKafka => {
    const found = nodes[id - 1];
    if (found === undefined) throw new RangeError(`there is no node ${id}`);
    return found;
  };
  return { nodes, brokers: nodes.flatMap(({ brokers }) => brokers), node, end };
};

/** A node whose folder was formatted half way joins the others again. */
const keptClusterId = async (folder: string): Promise<string> => {
  const file = join(folder, "cluster-id");
  if (existsSync(file)) return (await readFile(file, "utf8")).trim();
  const made = newClusterId();
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await writeFile(file, `${made}\n`);
  return made;
};
