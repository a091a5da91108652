import { expect, test } from "vitest";
import { createTerminal } from "./terminal.ts";

const widthOf = (stdout: { readonly isTTY?: boolean; readonly columns?: number }) => {
  const write = (): void => undefined;
  const output = { ...stdout, write };
  return createTerminal({ stdout: output, stderr: output }, {}).width();
};

test("a line is as wide as the terminal says, and is not broken where it says nothing", () => {
  expect(widthOf({ isTTY: true, columns: 80 })).toBe(80);
  expect(widthOf({ isTTY: true, columns: 0 })).toBeUndefined();
  expect(widthOf({ isTTY: true })).toBeUndefined();
  expect(widthOf({ columns: 80 })).toBeUndefined();
});
