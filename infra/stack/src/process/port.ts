import { execFile } from "node:child_process";
import { randomInt } from "node:crypto";
import { createServer, type Server } from "node:net";
import { promisify } from "node:util";
import { StackFault } from "../fault.ts";

const host = "127.0.0.1";
const lookupMaxMs = 5_000;

// Below those that systems give to outgoing connections, one of which could take it before it is listened on.
const freeFrom = 20_000;
const freeTo = 32_000;
const attemptsMax = 50;

/** A port of 127.0.0.1 that nobody has now. */
export const freePort = async (): Promise<number> => {
  for (let attempt = 1; attempt <= attemptsMax; attempt++) {
    const port = randomInt(freeFrom, freeTo);
    const server = await listen(port).catch(() => undefined);
    if (server === undefined) continue;
    await close(server);
    return port;
  }
  throw new StackFault("PORT_IN_USE", `found no free port of ${host} in ${attemptsMax} attempts`);
};

/** Throws PORT_IN_USE, which names who listens as far as this user may know. */
export const requireFreePort = async (port: number, part: string): Promise<void> => {
  const server = await listen(port).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === "EADDRINUSE") return undefined;
    throw error;
  });
  if (server !== undefined) return close(server);
  const who = (await listenerOf(port)) ?? "another process, whose name this user may not see";
  throw new StackFault(
    "PORT_IN_USE",
    `${part} wants port ${port} of ${host}, where ${who} listens: stop it or choose another port (--port)`,
  );
};

/** Such as `redis-server (pid 4711)`. */
const listenerOf = async (port: number): Promise<string | undefined> => {
  const viaSs = await answerOf("ss", ["-Hltnp", `sport = :${port}`]);
  const found = viaSs?.match(/\(\("([^"]+)",pid=(\d+)/);
  if (found) return `${found[1]} (pid ${found[2]})`;
  const viaLsof = await answerOf("lsof", ["-nP", `-iTCP:${port}`, "-sTCP:LISTEN", "-Fpc"]);
  const fields = viaLsof?.match(/^p(\d+)\nc(.+)$/m);
  return fields ? `${fields[2]} (pid ${fields[1]})` : undefined;
};

const answerOf = async (command: string, args: string[]): Promise<string | undefined> => {
  try {
    return (await promisify(execFile)(command, args, { timeout: lookupMaxMs })).stdout;
  } catch {
    return undefined;
  }
};

const listen = (port: number): Promise<Server> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject).listen(port, host, () => resolve(server));
  });

const close = (server: Server): Promise<void> =>
  new Promise((resolve) => server.close(() => resolve()));
