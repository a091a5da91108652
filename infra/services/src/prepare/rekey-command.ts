import { execFile } from "node:child_process";
import { ServicesFault } from "../fault.ts";
import { checkoutFile } from "../kinds.ts";

interface CommandOptions {
  readonly variables: Readonly<Record<string, string>>;
  readonly stdin?: string;
}

// A migration may rewrite a table.
const commandMaxMs = 10 * 60_000;

/** Runs `rekey` as an operator does; answers what it printed. Throws PREPARATION_FAILED with what it said. */
export const rekeyCommand = async (
  words: readonly string[],
  { variables, stdin = "" }: CommandOptions,
): Promise<string> =>
  await new Promise((resolve, reject) => {
    const child = execFile(
      process.execPath,
      [checkoutFile("services/rekey/src/main.ts"), ...words],
      { env: variables, cwd: checkoutFile("."), timeout: commandMaxMs },
      (error, out, said) => {
        if (error === null) return resolve(out);
        const text = `rekey ${words.join(" ")} failed:\n${said.trim() || out.trim()}`;
        reject(new ServicesFault("PREPARATION_FAILED", text, { cause: error.code }));
      },
    );
    // It may end before it has read.
    child.stdin?.on("error", () => undefined).end(stdin);
  });
