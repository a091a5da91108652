import { readFile } from "node:fs/promises";
import type { RunnerOption } from "node-pg-migrate";

type Strategies = NonNullable<RunnerOption["migrationLoaderStrategies"]>;
type Loader = Exclude<Strategies[number]["loader"], string>;
type Unit = Awaited<ReturnType<Loader>>[number];

/** As a file's first line: its statements run one by one and in no transaction, as an index that is built while others write. */
const alone = "-- alone\n";

const unitOf = async (path: string): Promise<Unit> => {
  const text = await readFile(path, "utf8");
  const up: Unit["actions"]["up"] = (builder) => {
    const isAlone = text.startsWith(alone);
    if (isAlone) builder.noTransaction();
    for (const part of isAlone ? statementsOf(text) : [text]) builder.sql(part);
  };
  return { id: path, filePaths: [path], actions: { up, down: false } };
};

/** Each ends its line. */
const statementsOf = (text: string): readonly string[] =>
  text
    .replaceAll(/^--.*$/gmu, "")
    .split(/;\n/u)
    .filter((statement) => statement.trim() !== "");

/** How migrations are read; those that ran are never run back. */
export const migrationFiles: Strategies = [
  { extensions: [".sql"], loader: async (paths) => await Promise.all(paths.map(unitOf)) },
];
