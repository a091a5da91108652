import { stripVTControlCharacters } from "node:util";

type Dye = (text: string) => string;

/** The few colours there are, by what they mean. Without a terminal each answers its text unchanged. */
export interface Paint {
  readonly strong: Dye;
  readonly quiet: Dye;
  readonly good: Dye;
  readonly bad: Dye;
  readonly event: Dye;
  readonly warm: Dye;
}

const codes = {
  strong: [1, 22],
  quiet: [2, 22],
  good: [32, 39],
  bad: [31, 39],
  event: [36, 39],
  warm: [33, 39],
} as const satisfies Record<keyof Paint, readonly [number, number]>;

/** Colour on a terminal only; plain text when piped. */
export const createPaint = (colour: boolean): Paint => {
  const dye =
    ([on, off]: readonly [number, number]) =>
    (text: string): string =>
      colour && text !== "" ? `\u001B[${on}m${text}\u001B[${off}m` : text;
  return {
    strong: dye(codes.strong),
    quiet: dye(codes.quiet),
    good: dye(codes.good),
    bad: dye(codes.bad),
    event: dye(codes.event),
    warm: dye(codes.warm),
  };
};

/** Columns a text takes: colour codes take none. The demonstration's own texts hold no wide characters. */
export const widthOf = (text: string): number => stripVTControlCharacters(text).length;

export const padEnd = (text: string, width: number): string =>
  text + " ".repeat(Math.max(0, width - widthOf(text)));

export const padStart = (text: string, width: number): string =>
  " ".repeat(Math.max(0, width - widthOf(text))) + text;
