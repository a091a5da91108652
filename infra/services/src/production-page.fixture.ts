import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { connect } from "node:net";
import { dirname } from "node:path";
import { promisify } from "node:util";
import { vaultBinary } from "@rekey/stack";
import { checkoutFile } from "./kinds.ts";

const blockMaxMs = 120_000;
const answerMaxMs = 20_000;

/** Every fenced block of a language under a heading of docs/production.md; at least one, or the page has changed. */
export const blocksOf = async (heading: string, language: string): Promise<readonly string[]> => {
  const page = await readFile(checkoutFile("docs/production.md"), "utf8");
  const [, section = ""] = page.split(`\n### ${heading}\n`);
  const [own = ""] = section.split(/\n#{2,3} /);
  const fenced = new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, "gm");
  const blocks = [...own.matchAll(fenced)].map(([, text = ""]) => text);
  if (blocks.length === 0) throw new Error(`"${heading}" has no block of ${language}`);
  return blocks;
};

/** Runs a block as a person would paste it, with Vault's own program on the path; answers what it printed. */
export const paste = async (
  block: string,
  place: { readonly folder: string; readonly variables: Readonly<Record<string, string>> },
): Promise<string> => {
  const { PATH = "", ...variables } = place.variables;
  const env = { ...variables, PATH: `${dirname(vaultBinary())}:${PATH}` };
  const options = { cwd: place.folder, env, timeout: blockMaxMs };
  const { stdout } = await promisify(execFile)(
    "bash",
    ["-euo", "pipefail", "-c", `umask 077\n${block}`],
    options,
  );
  return stdout;
};

/** Lines of a file of users, given to a running server. */
export const applyRedisUsers = async (
  port: number,
  users: string,
  password: string,
): Promise<void> => {
  const digest = createHash("sha256").update(password).digest("hex");
  const lines = users.replaceAll("<digest>", digest).trim().split("\n");
  // The last line would lock out whoever gives the others.
  const commands = lines.toReversed().map((line) => line.replace(/^user /, "ACL SETUSER "));
  const socket = connect({ port, host: "127.0.0.1", timeout: answerMaxMs });
  socket.once("timeout", () => socket.destroy(new Error("redis does not answer")));
  try {
    for (const command of commands) {
      socket.write(`${command}\r\n`);
      const [bytes] = await once(socket, "data");
      const answer = String(bytes).trim();
      if (answer !== "+OK") throw new Error(`redis says ${answer} to ${command.split(" #")[0]}`);
    }
  } finally {
    socket.destroy();
  }
};
