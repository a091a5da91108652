import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { StackFault } from "../fault.ts";
import type { Environment } from "../environment.ts";

export interface ToolRun {
  readonly command: string;
  readonly args: readonly string[];
  readonly folder: string;
  readonly environment: Environment;
  /** Beside what every program gets. */
  readonly variables?: Readonly<Record<string, string>>;
  readonly maxMs: number;
  /** Each line of both outputs as it comes. */
  readonly onLine?: (line: string) => void;
}

const linesKept = 15;

/** Its standard output. Throws TOOL_MISSING when it is not on the PATH, else INSTALL_FAILED with its last lines. */
export const runTool = async (run: ToolRun): Promise<string> => {
  const { command, args, folder, environment, variables = {}, maxMs, onLine = () => {} } = run;
  const child = spawn(command, args, {
    cwd: folder,
    env: { ...environment.variables, ...variables },
    stdio: ["ignore", "pipe", "pipe"],
    timeout: maxMs,
    killSignal: "SIGKILL",
  });
  const said: string[] = [];
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (output += text));
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on("line", (line) => {
      said.push(line);
      if (said.length > linesKept) said.shift();
      onLine(line);
    });
  }
  const outcome = await new Promise<number | NodeJS.Signals | Error>((resolve) => {
    child.once("error", resolve).once("close", (code, signal) => resolve(signal ?? code ?? 0));
  });
  if (outcome === 0) return output;
  throw toolFailed(command, outcome, said);
};

const toolFailed = (
  command: string,
  outcome: number | string | Error,
  said: readonly string[],
): StackFault => {
  if (outcome instanceof Error) {
    const code =
      (outcome as NodeJS.ErrnoException).code === "ENOENT" ? "TOOL_MISSING" : "INSTALL_FAILED";
    return new StackFault(code, `${command} could not be started`, { cause: outcome });
  }
  return new StackFault(
    "INSTALL_FAILED",
    `${command} ended with ${outcome}; it said:\n${said.join("\n")}`,
  );
};
