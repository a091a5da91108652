import { parseArgs } from "node:util";

interface Option {
  /** What its value is; absent where it has none. */
  readonly takes?: string;
  readonly does: string;
}

/** Every option there is, in the order of the help. */
export const demoOptions = {
  json: {
    takes: "FILE",
    does: "writes what was found as data: cases, payments, orphans, duplicates",
  },
  keep: { does: "keeps databases, keys and documents too, not only what a person may read" },
  folder: {
    takes: "PATH",
    does: "where everything of a run is, .rekey/demo by default; it is emptied at the start",
  },
  help: { does: "prints this and starts nothing" },
} as const satisfies Readonly<Record<string, Option>>;

type Asked =
  | { readonly ask: "help" }
  | { readonly ask: "refused"; readonly reason: string }
  | {
      readonly ask: "play";
      readonly json: string | undefined;
      readonly keep: boolean;
      readonly folder: string | undefined;
    };

/** What the words after the command ask for; what is no option of ours is refused by its name. */
export const readOptions = (words: readonly string[]): Asked => {
  try {
    const { values } = parseArgs({
      args: [...words],
      options: {
        json: { type: "string" },
        keep: { type: "boolean" },
        folder: { type: "string" },
        help: { type: "boolean", short: "h" },
      },
    });
    if (values.help === true) return { ask: "help" };
    return { ask: "play", json: values.json, keep: values.keep === true, folder: values.folder };
  } catch (error) {
    return { ask: "refused", reason: error instanceof Error ? error.message : String(error) };
  }
};

/** `--folder PATH`, as help and documents write it. */
export const spellingOf = (name: string, { takes }: Option): string =>
  takes === undefined ? `--${name}` : `--${name} ${takes}`;

/** What `--help` prints. */
export const helpText = (): string => {
  const lines = Object.entries<Option>(demoOptions).map(
    ([name, option]) => [spellingOf(name, option), option.does] as const,
  );
  const width = Math.max(...lines.map(([spelling]) => spelling.length));
  return [
    "Usage: npx -y pnpm@10 demo [options]",
    "",
    "Plays the whole demonstration: real PostgreSQL servers, a real scanner, real logins.",
    "It takes one to two minutes. The exit code is 0 only if every claim held.",
    "",
    ...lines.map(([spelling, does]) => `  ${spelling.padEnd(width)}  ${does}`),
    "",
  ].join("\n");
};
