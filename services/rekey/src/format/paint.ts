import { styleText } from "node:util";

type Format = Parameters<typeof styleText>[0];

/** Colours for a terminal; plain text everywhere else. */
export interface Paint {
  readonly good: (text: string) => string;
  readonly bad: (text: string) => string;
  readonly warn: (text: string) => string;
  readonly strong: (text: string) => string;
  readonly quiet: (text: string) => string;
}

export const createPaint = (isOn: boolean): Paint => {
  const by = (format: Format) => (text: string) =>
    isOn ? styleText(format, text, { validateStream: false }) : text;
  return {
    good: by("green"),
    bad: by("red"),
    warn: by("yellow"),
    strong: by("bold"),
    quiet: by("dim"),
  };
};
