import { expect, test } from "vitest";
import { areWithin } from "./cidrs.ts";

const within = (inner: readonly string[], outer: readonly string[]): boolean => {
  const none = { cidrs: [], tokenCidrs: [] };
  const both = [
    areWithin({ ...none, cidrs: inner }, { ...none, cidrs: outer }),
    areWithin({ ...none, tokenCidrs: inner }, { ...none, tokenCidrs: outer }),
  ];
  expect(both[0]).toBe(both[1]);
  return both[0] === true;
};

test.each([
  [["10.1.0.0/16"], ["10.0.0.0/8"]],
  [["10.0.0.0/8"], ["10.0.0.0/8"]],
  [["10.0.0.1/32"], ["10.0.0.1"]],
  [
    ["10.0.0.0/8", "fd00:1::/32"],
    ["fd00::/8", "10.0.0.0/8"],
  ],
  [["10.0.0.0/8"], []],
  [[], ["10.0.0.0/8"]],
])("%j lies within %j", (inner, outer) => {
  expect(within(inner, outer)).toBe(true);
});

test.each([
  [["10.0.0.0/7"], ["10.0.0.0/8"]],
  [["11.0.0.0/8"], ["10.0.0.0/8"]],
  [["10.0.0.0/8", "11.0.0.0/8"], ["10.0.0.0/8"]],
  [["fd00::/8"], ["10.0.0.0/8"]],
  [["10.0.0.0/31"], ["10.0.0.0"]],
  [["10.0.0.0/8"], ["not a block"]],
])("%j does not lie within %j", (inner, outer) => {
  expect(within(inner, outer)).toBe(false);
});
