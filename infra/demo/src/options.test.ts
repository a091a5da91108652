import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { demoOptions, helpText, readOptions, spellingOf } from "./options.ts";
import { repositoryFile } from "./run/layout.ts";

test("without a word the whole demonstration is played, and nothing of it is kept", () => {
  const asked = { ask: "play", json: undefined, keep: false, folder: undefined };
  expect(readOptions([])).toEqual(asked);
  expect(readOptions(["--keep", "--json", "a.json", "--folder", "b"])).toEqual({
    ask: "play",
    json: "a.json",
    keep: true,
    folder: "b",
  });
});

test("help is help whatever else is asked", () => {
  for (const words of [["--help"], ["-h"], ["--keep", "--help"]])
    expect(readOptions(words)).toEqual({ ask: "help" });
});

test("an unknown word and a missing value are refused by name, and nothing starts", () => {
  for (const words of [["--fast"], ["fast"], ["--folder"]]) {
    const asked = readOptions(words);
    expect(asked).toMatchObject({ ask: "refused" });
    expect(asked.ask === "refused" && asked.reason).toContain(words[0]);
  }
});

const undocumented = (text: string): string[] =>
  Object.entries(demoOptions)
    .map(([name, option]) => spellingOf(name, option))
    .filter((spelling) => !text.includes(spelling));

test("every option is known, in the help and on the room's page", () => {
  for (const [name, option] of Object.entries(demoOptions)) {
    const words = "takes" in option ? [`--${name}`, "x"] : [`--${name}`];
    expect(readOptions(words).ask).not.toBe("refused");
  }
  expect(undocumented(helpText())).toEqual([]);
  expect(undocumented(readFileSync(repositoryFile("infra/demo/README.md"), "utf8"))).toEqual([]);
  expect(undocumented(helpText().replace("--keep", ""))).toEqual(["--keep"]);
});
