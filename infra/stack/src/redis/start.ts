import { connect } from "node:net";
import { resolve as resolvePath } from "node:path";
import { ambientEnvironment, type Environment } from "../environment.ts";
import { requirePart } from "../install/locate.ts";
import { startPart, type OnLaunch, type RunningPart } from "../process/part.ts";
import { freePort } from "../process/port.ts";

export interface RedisOptions {
  /** Its data and its log; made if absent, kept at the end. */
  readonly folder: string;
  /** A free one by default. */
  readonly port?: number;
  /** Settings of redis.conf that replace or add to `redisSettings`. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Given, it goes on when this process ends; otherwise it ends with it. */
  readonly onLaunch?: OnLaunch | undefined;
  readonly environment?: Environment;
}

export type RunningRedis = RunningPart & { readonly url: string };

/** What production wants too: nothing evicted, and at most a second lost when the machine dies. */
export const redisSettings = {
  appendonly: "yes",
  appendfsync: "everysec",
  "maxmemory-policy": "noeviction",
  save: "",
} as const;

// What a busy machine answers late is an answer.
const answerMaxMs = 3_000;

/** Throws PART_MISSING, PORT_IN_USE or START_FAILED. */
export const startRedis = async (options: RedisOptions): Promise<RunningRedis> => {
  const { environment = ambientEnvironment() } = options;
  const folder = resolvePath(options.folder);
  const found = requirePart("redis", environment);
  const port = options.port ?? (await freePort());
  const place = { port: String(port), bind: "127.0.0.1", dir: folder };
  const settings = { ...redisSettings, ...options.settings, ...place };
  const part = await startPart({
    name: "redis",
    port,
    folder,
    onLaunch: options.onLaunch,
    program: {
      command: found.command,
      args: Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]),
      variables: { ...environment.variables, ...found.variables },
    },
    isReady: async () => (await redisAnswer(port)).startsWith("+PONG"),
  });
  return Object.assign(part, { url: `redis://127.0.0.1:${port}` });
};

/** What it answers to a command, empty when nothing came in time. While it reads its data that is an error text. */
export const redisAnswer = (port: number, command = "PING"): Promise<string> =>
  new Promise((resolve) => {
    const socket = connect({ port, host: "127.0.0.1", timeout: answerMaxMs });
    const end = (answer: string): void => {
      socket.destroy();
      resolve(answer);
    };
    socket
      .once("connect", () => socket.write(`${command}\r\n`))
      .once("data", (bytes) => end(bytes.toString("utf8")))
      .once("timeout", () => end(""))
      .once("close", () => end(""))
      .once("error", () => end(""));
  });
