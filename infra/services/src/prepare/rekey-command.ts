import { execFile } from "node:child_process";
import { checkoutFile } from "../kinds.ts";
import { ServicesFault } from "../fault.ts";

type Variables = Readonly<Record<string, string>>;

// A migration may rewrite a table.
const commandMaxMs = 10 * 60_000;

/** Runs `rekey` as an operator does. Throws PREPARATION_FAILED with what it said. */
export const rekeyCommand = async (words: readonly string[], variables: Variables): Promise<void> =>
  await new Promise((resolve, reject) => {
    execFile(
      process.execPath,
      [checkoutFile("services/rekey/src/main.ts"), ...words],
      { env: variables, cwd: checkoutFile("."), timeout: commandMaxMs },
      (error, out, said) => {
        if (error === null) return resolve();
        const text = `rekey ${words.join(" ")} failed:\n${said.trim() || out.trim()}`;
        reject(new ServicesFault("PREPARATION_FAILED", text, { cause: error.code }));
      },
    );
  });
