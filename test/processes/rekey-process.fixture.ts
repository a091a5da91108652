import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

/** One line of the process's log, as it wrote it. */
export interface LogLine {
  readonly level: string;
  readonly message: string;
  readonly [field: string]: unknown;
}

/** `rekey up` as a child process. */
export interface RekeyProcess {
  readonly pid: number;
  /** Resolves with how it ended: the code, or the signal's name. */
  readonly ended: Promise<number | string>;
  isRunning(): boolean;
  signal(name: "SIGTERM" | "SIGINT" | "SIGKILL"): void;
  /** Everything written so far. */
  output(): { readonly stdout: string; readonly stderr: string };
  log(): readonly LogLine[];
}

const mainFile = fileURLToPath(new URL("main.ts", import.meta.url));

/** Starts it with nothing of this process's environment. */
export const spawnRekey = (options: {
  readonly configFile: string;
  readonly environment: Readonly<Record<string, string>>;
}): RekeyProcess => {
  const child = spawn(process.execPath, [mainFile, options.configFile], {
    env: { ...options.environment },
    stdio: ["pipe", "pipe", "pipe"],
  });
  child.stdin.on("error", () => undefined);
  const written = { stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => (written.stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (written.stderr += text));
  return {
    pid: child.pid ?? -1,
    ended: endOf(child),
    isRunning: () => child.exitCode === null && child.signalCode === null,
    signal: (name) => void child.kill(name),
    output: () => ({ ...written }),
    log: () => linesOf(written.stdout),
  };
};

const endOf = async (child: ChildProcess): Promise<number | string> => {
  const [code, signal] = (await once(child, "close")) as [number | null, string | null];
  return code ?? signal ?? "unknown";
};

/** Whole ones: what comes after the last line's end is a piece of one, which may end in a brace as well. */
const linesOf = (text: string): readonly LogLine[] =>
  text
    .split("\n")
    .slice(0, -1)
    .filter((line) => line.startsWith("{") && line.endsWith("}"))
    .map((line) => JSON.parse(line) as LogLine);

/** What a healthy process never writes. */
export const errorsIn = (log: readonly LogLine[]): readonly LogLine[] =>
  log.filter(({ level }) => level === "error" || level === "fatal");
