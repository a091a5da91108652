import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Secret } from "@rekey/secret";

export interface ScramUser {
  readonly name: string;
  /** Neither a comma nor a bracket: Kafka's tool splits at them. */
  readonly password: Secret;
  /** SCRAM-SHA-512 by default. */
  readonly mechanisms?: readonly ("SCRAM-SHA-256" | "SCRAM-SHA-512")[];
}

/**
 * The words of a java command line in a file that only this user may read, while `use` runs: what stands on the
 * command line itself is there for everyone to see.
 */
export const withArgumentFile = async (
  options: {
    readonly folder: string;
    readonly words: readonly string[];
    readonly users: readonly ScramUser[];
  },
  use: (file: string) => Promise<void>,
): Promise<void> => {
  const { folder, words, users } = options;
  const file = join(folder, "format.arguments");
  await mkdir(folder, { recursive: true });
  await rm(file, { force: true });
  try {
    const all = [...words, ...users.flatMap(scramWords)];
    await writeFile(file, all.map(quoted).join("\n"), { mode: 0o600 });
    await use(file);
  } finally {
    await rm(file, { force: true });
  }
};

const scramWords = ({ name, password, mechanisms = ["SCRAM-SHA-512"] }: ScramUser): string[] =>
  mechanisms.flatMap((mechanism) => [
    "--add-scram",
    `${mechanism}=[name=${name},password=${password.reveal()}]`,
  ]);

const quoted = (word: string): string =>
  `"${word.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
