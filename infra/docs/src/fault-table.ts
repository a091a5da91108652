import { code, table } from "./markdown.ts";

export type FaultRules = Readonly<
  Record<string, { readonly action: string; readonly text: string; readonly next: string }>
>;

const linked = (name: string): string => `[${code(name)}](../runbooks/${name}.md)`;

/** Every fault code with what the engine does and what a person does, linked to its runbook. */
export const faultTable = (rules: FaultRules): string =>
  table(
    ["Code", "Rekey will", "What it means", "What to do"],
    Object.entries(rules).map(([name, rule]) => [linked(name), rule.action, rule.text, rule.next]),
  );
