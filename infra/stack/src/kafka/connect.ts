import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Secret } from "@rekey/secret";
import type { SASLOptions } from "kafkajs";
import { StackFault } from "../fault.ts";

export interface ScramUser {
  readonly name: string;
  /** No comma: Kafka's tool splits there, and quotes the pieces. */
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
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await rm(file, { force: true });
  try {
    const all = [...words, ...users.flatMap(scramWords)];
    await writeFile(file, all.map(quoted).join("\n"), { mode: 0o600 });
    await use(file);
  } finally {
    await rm(file, { force: true });
  }
};

const scramWords = ({ name, password, mechanisms = ["SCRAM-SHA-512"] }: ScramUser): string[] => {
  const value = password.reveal();
  if (value === "" || value.includes(","))
    throw new StackFault("START_FAILED", `the password of ${name} is empty or holds a comma`);
  return mechanisms.flatMap((mechanism) => [
    "--add-scram",
    `${mechanism}=[name=${name},password=${value}]`,
  ]);
};

const shownMax = 2_000;

/** The end of what the tool said. It quotes an argument that it cannot parse, and that is where passwords are. */
export const withoutPasswords = (said: string, users: readonly ScramUser[]): string => {
  // The longest first: one may begin with another.
  const passwords = users.map(({ password }) => password.reveal());
  const longestFirst = passwords.toSorted((one, other) => other.length - one.length);
  const cleared = longestFirst.reduce(
    (text, password) => text.replaceAll(password, "[password]"),
    said,
  );
  return cleared.trim().slice(-shownMax);
};

const quoted = (word: string): string =>
  `"${word.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;

export interface Credentials {
  readonly username: string;
  readonly password: Secret;
}

/** As the client wants it. */
export const saslOf = ({ username, password }: Credentials): SASLOptions => ({
  mechanism: "scram-sha-512",
  username,
  password: password.reveal(),
});

/** Of a listener: its users are those of the cluster, and the broker itself logs in as this one. */
export const scramServerSettings = ({
  username,
  password,
}: Credentials): Record<string, string> => ({
  "sasl.enabled.mechanisms": "SCRAM-SHA-512",
  "scram-sha-512.sasl.jaas.config": `org.apache.kafka.common.security.scram.ScramLoginModule required username="${username}" password="${password.reveal()}";`,
});

/** Of the controller's listener, where SCRAM does not work: its users are in the cluster that it is to begin. */
export const plainServerSettings = ({
  username,
  password,
}: Credentials): Record<string, string> => {
  const value = password.reveal();
  return {
    "sasl.enabled.mechanisms": "PLAIN",
    "plain.sasl.jaas.config": `org.apache.kafka.common.security.plain.PlainLoginModule required username="${username}" password="${value}" user_${username}="${value}";`,
  };
};
