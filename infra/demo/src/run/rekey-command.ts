import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { repositoryFile } from "./layout.ts";

interface CommandOptions {
  readonly socket: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

/** Runs `rekey` as anybody would: a process of its own, a client of the API. */
export interface RekeyCommand {
  /** The command's output; throws with what it said when it ends with another code than 0. */
  run(words: readonly string[], stdin?: string): Promise<string>;
}

const commandMsMax = 60_000;

export const rekeyCommand = ({ socket, environment, signal }: CommandOptions): RekeyCommand => ({
  run: async (words, stdin = "") => {
    const child = spawn(
      process.execPath,
      [repositoryFile("services/rekey/src/main.ts"), ...words, "--socket", socket],
      {
        env: { ...environment },
        signal: AbortSignal.any([signal, AbortSignal.timeout(commandMsMax)]),
        stdio: ["pipe", "pipe", "pipe"],
      },
    );
    child.stdin.on("error", () => undefined).end(stdin);
    const [out, error, [code]] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, "close") as Promise<[number | null]>,
    ]);
    if (code === 0) return out;
    throw new Error(`rekey ${words.join(" ")} ended with ${code}: ${error || out}`);
  },
});
