import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { existsSync } from "node:fs";
import { createInterface } from "node:readline";
import { systemClock } from "../clock/system-clock.ts";
import { settledWithin } from "../clock/within.ts";
import type { ServerAccount } from "./account.ts";
import { serverEnvironment } from "./cluster.ts";
import { EmbeddedPostgresFault } from "./fault.ts";
import type { Stoppable } from "./orphan.ts";

export type ServerProcess = Stoppable & {
  /** Resolves when the process has ended, for whatever reason. */
  readonly ended: Promise<void>;
};

export type ServerProcessOptions = {
  readonly postgres: string;
  readonly cluster: string;
  readonly port: number;
  readonly account: ServerAccount | undefined;
  readonly settings: Readonly<Record<string, string>>;
  readonly endsWithOwner: boolean;
  readonly onLine: (line: string) => void;
};

const readyLine = /database system is ready to accept connections/;
const portLine = /could not bind .* address|could not create any TCP\/IP sockets/i;
const startMs = 60_000;
const linesKept = 20;

/** Resolves when the server accepts connections. */
export async function startServerProcess(options: ServerProcessOptions): Promise<ServerProcess> {
  const [command, ...words] = commandOf(options);
  const child = spawn(command, words, {
    ...options.account,
    cwd: options.cluster,
    env: serverEnvironment,
    stdio: ["ignore", "ignore", "pipe"],
    // Its own process group: Ctrl-C in a terminal reaches us first, and we stop it last.
    detached: true,
  });
  const ended = new Promise<void>((resolve) => {
    child.once("exit", () => resolve()).once("error", () => resolve());
  });
  await ready(child, options);
  return {
    pid: child.pid as number,
    ended,
    isAlive: () => child.exitCode === null && child.signalCode === null,
    endsWithin: (limitMs) => settledWithin(systemClock, limitMs, ended),
  };
}

const setpriv = "/usr/bin/setpriv";

// prctl(2), PR_SET_PDEATHSIG; SIGQUIT is an immediate stop. setpriv replaces itself, so the pid stays.
function commandOf(options: ServerProcessOptions): [string, ...string[]] {
  const server: [string, ...string[]] = [options.postgres, ...serverArguments(options)];
  const bound = options.endsWithOwner && process.platform === "linux" && existsSync(setpriv);
  return bound ? [setpriv, "--pdeathsig", "QUIT", "--", ...server] : server;
}

function serverArguments(options: ServerProcessOptions): string[] {
  const settings = {
    listen_addresses: "127.0.0.1",
    port: String(options.port),
    unix_socket_directories: "",
    timezone: "UTC",
    log_timezone: "UTC",
    // Statements and row values stay out of the log, those of a failed statement too.
    log_statement: "none",
    log_min_error_statement: "panic",
    log_error_verbosity: "terse",
    ...options.settings,
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  return ["-D", options.cluster, ...flags];
}

async function ready(child: ChildProcess, options: ServerProcessOptions): Promise<void> {
  const lines: string[] = [];
  let timer: NodeJS.Timeout | undefined;
  try {
    await new Promise<void>((resolve, reject) => {
      timer = setTimeout(() => {
        child.kill("SIGQUIT");
        reject(startFailed(`not ready after ${startMs / 1_000} s`, lines));
      }, startMs);
      child.once("error", (cause) => reject(startFailed(cause.message, lines)));
      child.once("close", (code) => reject(explain(code, lines, options.port)));
      createInterface({ input: child.stderr! }).on("line", (line) => {
        lines.push(line);
        if (lines.length > linesKept) lines.shift();
        if (readyLine.test(line)) resolve();
        options.onLine(line);
      });
    });
  } finally {
    clearTimeout(timer);
  }
}

function explain(code: number | null, lines: readonly string[], port: number): Error {
  if (!lines.some((line) => portLine.test(line))) return startFailed(`exit code ${code}`, lines);
  return new EmbeddedPostgresFault(
    "POSTGRES_PORT_IN_USE",
    `port ${port} of 127.0.0.1 is taken: choose another one, or 0 for a free one`,
  );
}

function startFailed(reason: string, lines: readonly string[]): EmbeddedPostgresFault {
  const text = `the database did not start, ${reason}: ${lines.join("\n")}`;
  return new EmbeddedPostgresFault("POSTGRES_START_FAILED", text);
}
