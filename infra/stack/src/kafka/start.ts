import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { ambientEnvironment, type Environment } from "../environment.ts";
import { StackFault } from "../fault.ts";
import { requirePart, type Located } from "../install/locate.ts";
import { startPart, type OnLaunch, type RunningPart } from "../process/part.ts";
import { freePort } from "../process/port.ts";
import { withArgumentFile, withoutPasswords, type ScramUser } from "./connect.ts";
import {
  propertiesText,
  serverSettings,
  type ControllerListener,
  type KafkaListener,
  type KafkaNode,
  type PlacedListener,
} from "./settings.ts";

export interface KafkaOptions {
  /** Its data, settings and log; made if absent, kept at the end. */
  readonly folder: string;
  /** Of the first listener; a free one by default. */
  readonly port?: number;
  readonly controllerPort?: number;
  /** One PLAINTEXT listener by default. */
  readonly listeners?: readonly KafkaListener[];
  /** PLAINTEXT by default. */
  readonly controller?: ControllerListener;
  /** Settings of server.properties that replace or add to those of a single node. */
  readonly settings?: Readonly<Record<string, string>>;
  /** One of several that are started together; the only one by default. */
  readonly node?: KafkaNode;
  /** Made when the folder is formatted; ignored afterwards. */
  readonly scramUsers?: readonly ScramUser[];
  /** Options of the JVM, such as -Djava.security.auth.login.config=… */
  readonly javaOptions?: readonly string[];
  /** Given, it goes on when this process ends; otherwise it ends with it. */
  readonly onLaunch?: OnLaunch | undefined;
  readonly environment?: Environment;
}

export type RunningKafka = RunningPart & {
  /** `host:port` of the first listener. */
  readonly brokers: readonly string[];
  /** `host:port` of each listener, by its name. */
  readonly addresses: Readonly<Record<string, string>>;
};

const formatMaxMs = 60_000;
const heap = ["-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"];
const logging = [
  "-Dorg.slf4j.simpleLogger.showDateTime=true",
  "-Dorg.slf4j.simpleLogger.dateTimeFormat=yyyy-MM-dd'T'HH:mm:ss.SSSXXX",
];
const plaintext: KafkaListener = { name: "PLAINTEXT", protocol: "PLAINTEXT" };

/** Apache Kafka, one node, formatted at the first start. Throws PART_MISSING, PORT_IN_USE or START_FAILED. */
export const startKafka = async (asked: KafkaOptions): Promise<RunningKafka> => {
  const options = { ...asked, folder: resolve(asked.folder) };
  const { folder, environment = ambientEnvironment(), javaOptions = [] } = options;
  const found = requirePart("kafka", environment);
  const variables = { ...environment.variables, ...found.variables };
  const listeners = await placed(options);
  const controllerPort = options.controllerPort ?? (await freePort());
  const properties = await writeProperties({ ...options, controllerPort }, listeners);
  const clusterId = options.node?.clusterId ?? newClusterId();
  const tool = { folder, properties, variables, command: found.command, clusterId };
  await format(tool, options.scramUsers ?? []);
  const part = await startPart({
    name: options.node === undefined ? "kafka" : `kafka-${options.node.id}`,
    port: listeners[0].port,
    otherPorts: [...listeners.slice(1).map(({ port }) => port), controllerPort],
    folder,
    onLaunch: options.onLaunch,
    program: {
      command: found.command,
      args: [...heap, ...logging, ...javaOptions, "kafka.Kafka", properties],
      variables,
    },
    // Its ports open before it answers for its topics.
    isReady: async (launched) => (await launched.logged()).includes("Kafka Server started"),
  });
  const addresses = Object.fromEntries(
    listeners.map(({ name, port }) => [name, `127.0.0.1:${port}`]),
  );
  return Object.assign(part, { brokers: [`127.0.0.1:${listeners[0].port}`], addresses });
};

const placed = async (options: KafkaOptions): Promise<[PlacedListener, ...PlacedListener[]]> => {
  const [first = plaintext, ...others] = options.listeners ?? [];
  const port = options.port ?? first.port ?? (await freePort());
  const rest = others.map(async (listener) => ({
    ...listener,
    port: listener.port ?? (await freePort()),
  }));
  return [{ ...first, port }, ...(await Promise.all(rest))];
};

const writeProperties = async (
  options: KafkaOptions & { readonly controllerPort: number },
  listeners: [PlacedListener, ...PlacedListener[]],
): Promise<string> => {
  const {
    folder,
    controllerPort,
    node,
    settings: more = {},
    controller = { protocol: "PLAINTEXT" },
  } = options;
  const file = join(folder, "server.properties");
  await mkdir(folder, { recursive: true, mode: 0o700 });
  // Settings may hold passwords of keys and users.
  await rm(file, { force: true });
  const text = propertiesText(
    serverSettings({ folder, listeners, controllerPort, controller, node, more }),
  );
  await writeFile(file, text, { mode: 0o600 });
  return file;
};

/** What the storage tool takes for one: 16 bytes, and no dash in front, which it takes for an option. */
export const newClusterId = (): string => randomBytes(16).toString("base64url").replace(/^-/, "A");

/** Once for a folder: one that was killed half way is formatted again. */
const format = async (
  node: {
    readonly folder: string;
    readonly properties: string;
    readonly command: string;
    readonly clusterId: string;
    readonly variables: Located["variables"];
  },
  users: readonly ScramUser[],
): Promise<void> => {
  const done = join(node.folder, "formatted");
  if (existsSync(done)) return;
  await rm(join(node.folder, "data"), { recursive: true, force: true });
  const tool = ["kafka.tools.StorageTool", "format", "-t", node.clusterId, "-c", node.properties];
  const words = [...heap, ...tool];
  await withArgumentFile({ folder: node.folder, words, users }, async (file) => {
    const { variables: env } = node;
    await promisify(execFile)(node.command, [`@${file}`], { env, timeout: formatMaxMs }).catch(
      (error: unknown) => {
        const said = (error as { stderr?: string }).stderr ?? "";
        throw new StackFault(
          "START_FAILED",
          `kafka could not format its folder: ${withoutPasswords(said, users) || "no reason given"}`,
        );
      },
    );
  });
  await writeFile(done, `${node.clusterId}\n`);
};
