import { counted } from "@rekey/domain";

/** One thing wrong with the configuration: where, and what, never the value. */
export type ConfigProblem = { readonly path: string; readonly text: string };

/** Every problem of a configuration at once. */
export class ConfigFault extends Error {
  readonly code = "CONFIG_INVALID";
  readonly problems: readonly ConfigProblem[];
  readonly publicText: string;

  constructor(problems: readonly ConfigProblem[]) {
    const lines = problems.map(({ path, text }) => `  ${path}: ${text}`);
    const text = `the configuration has ${counted(problems.length, "problem")}:\n${lines.join("\n")}`;
    super(text);
    this.name = "ConfigFault";
    this.problems = problems;
    this.publicText = text;
  }
}
