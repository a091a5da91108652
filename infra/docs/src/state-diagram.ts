/** State × command → next state, or states where the outcome decides; or just what may follow what. */
export type TransitionTable = Readonly<
  Record<
    string,
    readonly string[] | Readonly<Record<string, string | readonly string[] | undefined>>
  >
>;

type Arrow = { readonly from: string; readonly to: string; readonly label: string };

/** A Mermaid diagram of a table. The first state is the start; a state with no way out is an end. */
export const stateDiagram = (transitions: TransitionTable): string => {
  const states = Object.keys(transitions);
  const ends = states.filter((state) => Object.keys(transitions[state] ?? {}).length === 0);
  const lines = [
    ...states.map((state) => `state "${state}" as ${alias(state)}`),
    `[*] --> ${alias(states[0] ?? "")}`,
    ...states.flatMap((state) => arrowsFrom(state, transitions[state] ?? [])).map(drawn),
    ...ends.map((state) => `${alias(state)} --> [*]`),
  ];
  return ["```mermaid", "stateDiagram-v2", ...lines.map((line) => `  ${line}`), "```"].join("\n");
};

// Mermaid reads a hyphen in a name as an operator.
const alias = (state: string): string => state.replaceAll("-", "_");

const drawn = ({ from, to, label }: Arrow): string =>
  `${alias(from)} --> ${alias(to)}${label === "" ? "" : ` : ${label}`}`;

/** One arrow per pair of states, labelled with every command that takes it. */
const arrowsFrom = (from: string, row: TransitionTable[string]): Arrow[] => {
  if (isList(row)) return row.map((to) => ({ from, to, label: "" }));
  const labels = new Map<string, string[]>();
  for (const [command, next] of Object.entries(row)) {
    for (const to of next === undefined ? [] : [next].flat()) {
      labels.set(to, [...(labels.get(to) ?? []), command]);
    }
  }
  return [...labels].map(([to, commands]) => ({ from, to, label: commands.join(", ") }));
};

const isList = (row: TransitionTable[string]): row is readonly string[] => Array.isArray(row);
