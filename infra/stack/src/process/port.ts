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
  if (await isFree(port)) return;
  throw new StackFault(
    "PORT_IN_USE",
    `${part} wants port ${port} of ${host}, where ${await listenerOf(port)} listens: stop it or take another port`,
  );
};

/** How much higher than wanted ports are that start together, and who is in the way of the wanted ones. */
export interface PortShift {
  readonly shift: number;
  /** In words; absent where the wanted ones are free. */
  readonly because?: string;
}

// A thousand, so that a shifted port is known by its last three digits.
const shiftStep = 1_000;
const shiftsMax = 10;
const portMax = 65_535;

/**
 * 0 where nobody has any of these ports; else how much higher all of them are free, so that the processes of two checkouts run
 * beside each other. Throws PORT_IN_USE.
 */
export const freePortShift = async (ports: readonly number[]): Promise<PortShift> => {
  const inTheWay = await firstTaken(ports);
  if (inTheWay === undefined) return { shift: 0 };
  for (let step = 1; step < shiftsMax; step++) {
    const shift = step * shiftStep;
    if ((await firstTaken(ports.map((port) => port + shift))) !== undefined) continue;
    const because = `port ${inTheWay} of ${host} is taken by ${await listenerOf(inTheWay)}`;
    return { shift, because };
  }
  throw new StackFault(
    "PORT_IN_USE",
    `some of the ports ${ports.join(", ")} of ${host} are taken, and of these each so many thousands higher too, up to ${shiftsMax - 1}`,
  );
};

const firstTaken = async (ports: readonly number[]): Promise<number | undefined> => {
  for (const port of ports) if (!(await isFree(port))) return port;
  return undefined;
};

const isFree = async (port: number): Promise<boolean> => {
  if (port > portMax) return false;
  const server = await listen(port).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === "EADDRINUSE") return undefined;
    throw error;
  });
  if (server !== undefined) await close(server);
  return server !== undefined;
};

/** Such as `redis-server (pid 4711)`. */
const listenerOf = async (port: number): Promise<string> =>
  (await namedListenerOf(port)) ?? "another process, whose name this user may not see";

const namedListenerOf = async (port: number): Promise<string | undefined> => {
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
