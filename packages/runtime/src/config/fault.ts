import { counted } from "@rekey/domain";

/** One thing wrong with the configuration: where, and what, never the value. */
export type ConfigProblem = { readonly path: string; readonly text: string };

/** Every problem of a configuration at once. */
export class ConfigFault extends Error {
  readonly code = "CONFIG_INVALID";
  readonly problems: readonly ConfigProblem[];
  readonly publicText: string;
  /** What could be read of it, for checks that the schema alone cannot make; never to be run with. */
  readonly sound: unknown;

  constructor(problems: readonly ConfigProblem[], sound?: unknown) {
    const lines = problems.map(({ path, text }) => `  ${path}: ${text}`);
    const text = `the configuration has ${counted(problems.length, "problem")}:\n${lines.join("\n")}`;
    super(text);
    this.name = "ConfigFault";
    this.problems = problems;
    this.sound = sound;
    this.publicText = text;
  }
}
