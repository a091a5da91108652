import { parseArgs } from "node:util";
import { fullSizes, quickSizes, type Sizes } from "./sizes.ts";

export const measures = ["M1", "M3", "M8", "memory"] as const;
export type Measure = (typeof measures)[number];

export type Wish =
  | { readonly ask: "help" }
  | { readonly ask: "refused"; readonly reason: string }
  | {
      readonly ask: "run";
      readonly only: ReadonlySet<Measure>;
      readonly sizes: Sizes;
      readonly isQuick: boolean;
      readonly json: string | undefined;
      /** Fills the tables of docs/performance.md. */
      readonly write: boolean;
      readonly profile: string | undefined;
    };

const roundsMax = 100;

export const helpText = `Measures Rekey against the bare calls of its providers, on real parts of its own.

Usage: pnpm bench [--only M1,M3,M8,memory] [--rounds N] [--quick] [--json FILE] [--write] [--profile FOLDER]

  --only    only some of: M1 a leak until its refusal, M3 planned rotations, M8 duplicate alerts, memory
  --rounds  pairs of rounds, 7 by default
  --quick   a minute instead of five: says that the bench works, its figures say nothing
  --json    also writes the figures to this file
  --write   also writes them into docs/performance.md
  --profile leaves CPU profiles of services, engine and bare side in this folder
  --help    this text

It starts Kafka, Redis, Vault and two PostgreSQL servers in a folder of its own, and leaves nothing.
`;

const isMeasure = (word: string): word is Measure => measures.some((name) => name === word);

export const readOptions = (words: readonly string[]): Wish => {
  try {
    const { values } = parseArgs({
      args: [...words],
      options: {
        only: { type: "string" },
        rounds: { type: "string" },
        quick: { type: "boolean", default: false },
        json: { type: "string" },
        write: { type: "boolean", default: false },
        profile: { type: "string" },
        help: { type: "boolean", short: "h", default: false },
      },
    });
    if (values.help) return { ask: "help" };
    const named = values.only?.split(",") ?? measures;
    const unknown = named.find((word) => !isMeasure(word));
    if (unknown !== undefined)
      return { ask: "refused", reason: `there is no measure ${unknown}: ${measures.join(", ")}` };
    const sizes = values.quick ? quickSizes : fullSizes;
    const rounds = values.rounds === undefined ? sizes.rounds : Number(values.rounds);
    if (!Number.isInteger(rounds) || rounds < 1 || rounds > roundsMax)
      return { ask: "refused", reason: `--rounds takes a number from 1 to ${roundsMax}` };
    if (values.quick && values.write)
      return { ask: "refused", reason: "--quick says nothing that is worth writing down" };
    return {
      ask: "run",
      only: new Set(named.filter(isMeasure)),
      sizes: { ...sizes, rounds },
      isQuick: values.quick,
      json: values.json,
      write: values.write,
      profile: values.profile,
    };
  } catch (error) {
    return { ask: "refused", reason: error instanceof Error ? error.message : "unknown words" };
  }
};
