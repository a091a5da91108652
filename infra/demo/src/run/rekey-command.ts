import { appendFile } from "node:fs/promises";
import { repositoryFile } from "./layout.ts";
import { runToEnd } from "./run-to-end.ts";

interface CommandOptions {
  readonly socket: string;
  /** What every command printed goes there too. */
  readonly log: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

/** Runs `rekey` as anybody would: a process of its own, a client of the API. */
export interface RekeyCommand {
  /** The command's output; throws with what it said when it ends with another code than 0. */
  run(words: readonly string[], stdin?: string): Promise<string>;
}

export const rekeyCommand = ({
  socket,
  log,
  environment,
  signal,
}: CommandOptions): RekeyCommand => ({
  run: async (words, stdin = "") => {
    const main = repositoryFile("services/rekey/src/main.ts");
    const { code, out, error } = await runToEnd({
      arguments: [main, ...words, "--socket", socket],
      environment,
      signal,
      stdin,
    });
    await appendFile(log, `rekey ${words.join(" ")}\n${out}${error}`);
    if (code === 0) return out;
    throw new Error(`rekey ${words.join(" ")} ended with ${code}: ${error || out}`);
  },
});
