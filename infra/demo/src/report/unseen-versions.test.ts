import { Secret } from "@rekey/secret";
import { expect, test } from "vitest";
import { unseenVersions } from "./unseen-versions.ts";

const seen = [{ name: "main#1", url: Secret.fromUtf8("postgres://a:b@127.0.0.1/x") }];
const mintedAt = 1;

test("a version that was made and never read is named", () => {
  const made = [1, 2].map((number) => ({ credential: "main", number, mintedAt }));
  expect(unseenVersions(made, seen)).toEqual(["main#2"]);
});

test("a version that was never made has no value to look for", () => {
  expect(unseenVersions([{ credential: "main", number: 2 }], seen)).toEqual([]);
  expect(unseenVersions([{ credential: "main", number: 1, mintedAt }], seen)).toEqual([]);
});
