import { Readable } from "node:stream";
import { runCommandLine } from "@rekey/cli";

/** How one command ended, and all that it wrote. */
interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export type Run = (words: string, stdin?: string) => Promise<Ended>;

/** Runs commands in this process against a socket: words as in a shell without quotes, `~` for a blank in a word. */
export const runAgainst = (socket: string): Run => runWith(["--socket", socket]);

/** The same on a terminal of so many columns, without colours. */
export const runOnTerminal = (socket: string, columns: number): Run =>
  runWith(["--socket", socket], { NO_COLOR: "1" }, { isTTY: true, columns });

/** The same with any options after the words, and with variables. */
export const runWith =
  (
    options: readonly string[],
    environment: Readonly<Record<string, string | undefined>> = {},
    terminal: { readonly isTTY?: boolean; readonly columns?: number } = {},
  ): Run =>
  async (words, stdin = "") => {
    const written = { out: "", err: "" };
    const code = await runCommandLine({
      words: [...words.split(" ").map((word) => word.replaceAll("~", " ")), ...options],
      environment,
      stdin: Readable.from(stdin === "" ? [] : [Buffer.from(stdin)]),
      stdout: { ...terminal, write: (text) => (written.out += text) },
      stderr: { write: (text) => (written.err += text) },
      process: {
        on: () => undefined,
        off: () => undefined,
        exit: () => undefined,
        stderr: { write: () => undefined },
      },
    });
    return { code, ...written };
  };
