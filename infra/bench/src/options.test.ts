import { expect, test } from "vitest";
import { helpText, readOptions } from "./options.ts";
import { fullSizes, quickSizes } from "./sizes.ts";

test("without words everything is measured in full, and nothing is written", () => {
  expect(readOptions([])).toEqual({
    ask: "run",
    only: new Set(["M1", "M3", "M8", "memory"]),
    sizes: fullSizes,
    isQuick: false,
    json: undefined,
    write: false,
    profile: undefined,
  });
});

test("a run may be shorter, of other rounds, and of some measures only", () => {
  expect(readOptions(["--quick", "--rounds", "3", "--only", "M3,memory"])).toMatchObject({
    only: new Set(["M3", "memory"]),
    sizes: { ...quickSizes, rounds: 3 },
    isQuick: true,
  });
});

test.each([["--only", "M4"], ["--rounds", "0"], ["--rounds", "many"], ["--slow"], ["file"]])(
  "%s %s is refused with a reason",
  (...words) => {
    expect(readOptions(words)).toMatchObject({
      ask: "refused",
      reason: expect.stringMatching(/./),
    });
  },
);

test("a quick run cannot fill the page", () => {
  expect(readOptions(["--quick", "--write"])).toMatchObject({ ask: "refused" });
});

test("help names every option", () => {
  expect(readOptions(["--help"])).toEqual({ ask: "help" });
  for (const word of ["--only", "--rounds", "--quick", "--json", "--write", "--profile"])
    expect(helpText).toContain(word);
});
