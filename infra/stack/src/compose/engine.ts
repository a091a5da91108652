import type { StackContext } from "../cli/context.ts";
import type { StackPart } from "../cli/parts.ts";
import { roomFile } from "../install/locate.ts";
import { runTool } from "../install/run-tool.ts";

export const composeFile = roomFile("../compose.yaml");

// As compose.yaml names it.
const project = "rekey-stack";
const probeMaxMs = 10_000;
// The images are pulled within it.
const upMaxMs = 20 * 60_000;
const downMaxMs = 2 * 60_000;

/** Whether a container engine really answers; the command alone says nothing. */
export const engineAnswers = async ({ environment }: StackContext): Promise<boolean> => {
  const ask = (...args: string[]): Promise<string> =>
    runTool({ command: "docker", args, folder: "/", environment, maxMs: probeMaxMs });
  try {
    await ask("compose", "version");
    await ask("info");
    return true;
  } catch {
    return false;
  }
};

/** Pulls what is missing and starts these services. */
export const composeUp = async (
  context: StackContext,
  parts: readonly StackPart[],
  note: (text: string) => void,
): Promise<void> => {
  await compose(context, { words: ["up", "-d", "--no-deps", ...parts], maxMs: upMaxMs, note });
};

export const composeStop = async (
  context: StackContext,
  parts: readonly StackPart[],
): Promise<void> => {
  await compose(context, { words: ["stop", ...parts], maxMs: downMaxMs });
};

/** Containers and volumes: the data is gone. */
export const composeForget = async (
  context: StackContext,
  parts: readonly StackPart[],
): Promise<void> => {
  await compose(context, { words: ["rm", "--stop", "--force", ...parts], maxMs: downMaxMs });
  const volumes = parts.flatMap((part) => (part === "vault" ? [part, "vault-audit"] : [part]));
  const args = ["volume", "rm", "--force", ...volumes.map((name) => `${project}_${name}`)];
  const { environment, folder } = context;
  await runTool({ command: "docker", args, folder, environment, maxMs: downMaxMs });
};

const compose = (
  { environment, folder, ports }: StackContext,
  run: { words: readonly string[]; maxMs: number; note?: (text: string) => void },
): Promise<string> =>
  runTool({
    command: "docker",
    args: ["compose", "--ansi", "never", "--file", composeFile, ...run.words],
    folder,
    environment,
    variables: { REKEY_STACK_FOLDER: folder, ...portVariables(ports) },
    maxMs: run.maxMs,
    ...(run.note && { onLine: (line: string) => run.note?.(line.trim()) }),
  });

/** As compose.yaml names them. */
export const portVariables = (ports: StackContext["ports"]): Record<string, string> =>
  Object.fromEntries(
    Object.entries(ports).map(([part, port]) => [
      `REKEY_STACK_${part.toUpperCase()}_PORT`,
      String(port),
    ]),
  );
