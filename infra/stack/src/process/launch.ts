import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { open, stat } from "node:fs/promises";
import { StackFault } from "../fault.ts";

export interface Program {
  readonly command: string;
  readonly args: readonly string[];
  readonly variables: Readonly<Record<string, string>>;
}

export interface LaunchOptions {
  readonly folder: string;
  readonly logFile: string;
  /** It goes on when this process ends. Otherwise it is killed with it, however it ends. */
  readonly outlives: boolean;
}

export interface Launched {
  readonly pid: number;
  /** Resolves when it has ended, with its exit code or signal. */
  readonly ended: Promise<string>;
  hasEnded(): boolean;
  /** What it wrote since it was launched, the last `logTailMax` bytes. */
  logged(): Promise<string>;
}

const logTailMax = 256 * 1024;
const setpriv = "/usr/bin/setpriv";

/** Starts a program with its output appended to a log file. */
export const launch = async (program: Program, options: LaunchOptions): Promise<Launched> => {
  const { folder, logFile, outlives } = options;
  const log = await open(logFile, "a", 0o600);
  try {
    const { size: from } = await log.stat();
    const { command, args } = outlives ? program : boundToParent(program);
    const child = spawn(command, args, {
      cwd: folder,
      env: program.variables,
      detached: outlives,
      stdio: ["ignore", log.fd, log.fd],
    });
    let over = false;
    const ended = once(child, "exit").then(([code, signal]) => {
      over = true;
      return signal === null ? `exit code ${code}` : `signal ${signal}`;
    });
    // The error event rejects `ended`; without a pid it is told below.
    ended.catch(() => (over = true));
    if (child.pid === undefined) throw await notStarted(program.command, ended);
    if (outlives) child.unref();
    return { pid: child.pid, ended, hasEnded: () => over, logged: () => readFrom(logFile, from) };
  } finally {
    await log.close();
  }
};

// prctl(2), PR_SET_PDEATHSIG: a test run that is killed leaves no server behind. setpriv replaces itself, so the pid stays.
const boundToParent = (program: Program): Pick<Program, "command" | "args"> => {
  if (process.platform !== "linux" || !existsSync(setpriv)) return program;
  return {
    command: setpriv,
    args: ["--pdeathsig", "KILL", "--", program.command, ...program.args],
  };
};

const notStarted = async (command: string, ended: Promise<string>): Promise<StackFault> => {
  const cause: unknown = await ended.catch((error: unknown) => error);
  return new StackFault("START_FAILED", `${command} could not be started`, { cause });
};

const readFrom = async (file: string, from: number): Promise<string> => {
  const { size } = await stat(file);
  const start = Math.max(from, size - logTailMax);
  const log = await open(file, "r");
  try {
    const { buffer, bytesRead } = await log.read(
      Buffer.alloc(size - start),
      0,
      size - start,
      start,
    );
    return buffer.toString("utf8", 0, bytesRead);
  } finally {
    await log.close();
  }
};
