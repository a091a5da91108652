import { expect, test } from "vitest";
import { settingValues } from "./sql.ts";

test("a plain setting is one value, whatever is in it", () => {
  for (const value of ["", "a, b", '"quoted"', "it's", "1500ms"])
    expect(settingValues({ name: "app.tenant", value })).toEqual([value]);
});

test("a list of quoted names is taken apart as the server put it together", () => {
  const of = (value: string) => settingValues({ name: "search_path", value });
  expect(of('"$user", public')).toEqual(["$user", "public"]);
  expect(of('"a, ""b""", c,d')).toEqual(['a, "b"', "c", "d"]);
  expect(of('""')).toEqual([""]);
  expect(of("only")).toEqual(["only"]);
});
