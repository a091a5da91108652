import { open } from "node:fs/promises";
import { markWord } from "../children/mark-word.ts";

/** A moment that a service told of. */
export interface Mark {
  readonly name: string;
  /** Monotonic nanoseconds, the clock of `process.hrtime`. */
  readonly at: bigint;
}

export interface Output {
  readonly marks: readonly Mark[];
  /** Signals that the log says were recorded. */
  readonly recorded: number;
}

/** Follows what a service writes; each call answers what is new. */
export const followOutput = (file: string): (() => Promise<Output>) => {
  let position = 0;
  let unfinished = "";
  return async () => {
    const opened = await open(file);
    try {
      const { size } = await opened.stat();
      const bytes = Buffer.alloc(Math.max(0, size - position));
      await opened.read(bytes, 0, bytes.length, position);
      position = size;
      const lines = (unfinished + bytes.toString("utf8")).split("\n");
      unfinished = lines.pop() ?? "";
      return { marks: lines.flatMap(markOf), recorded: sum(lines.map(recordedIn)) };
    } finally {
      await opened.close();
    }
  };
};

const markOf = (line: string): readonly Mark[] => {
  const [word, name, at] = line.split(" ");
  if (word !== markWord || name === undefined || at === undefined) return [];
  return [{ name, at: BigInt(at) }];
};

const recordedIn = (line: string): number => {
  if (!line.includes('"signals recorded"')) return 0;
  const { count } = JSON.parse(line) as { readonly count?: number };
  return count ?? 0;
};

const sum = (values: readonly number[]): number => values.reduce((all, one) => all + one, 0);
