import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { scanMembers, spliceMembers } from "./json-members.ts";

const space = fc.stringMatching(/^[ \t\r\n]{0,3}$/);
const number = fc.constantFrom("0", "-0", "1.0e+2", "12345678901234567890", "1E5", "-3.250");
const escaped = fc.constantFrom(
  '"\\u0041\\/\\n"',
  '"{\\"a\\":[1,2]}"',
  '"\\\\"',
  '"}],\\""',
  '"ü😀"',
);
const plain = fc.string({ unit: "binary", maxLength: 8 }).map((text) => JSON.stringify(text));
const leaf = fc.oneof(number, escaped, plain, fc.constantFrom("true", "false", "null"));

/** JSON text as people and tools write it: any spacing, escapes and number forms. */
const { value } = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    leaf,
    fc
      .tuple(space, fc.array(tie("value"), { maxLength: 3 }))
      .map(([gap, items]) => `[${gap}${items.join(`${gap},${gap}`)}${gap}]`),
    fc
      .tuple(space, fc.array(fc.tuple(plain, tie("value")), { maxLength: 3 }))
      .map(
        ([gap, pairs]) =>
          `{${gap}${pairs.map(([key, item]) => `${key}${gap}:${item}`).join(",")}${gap}}`,
      ),
  ),
}));

const member = fc.record({ key: fc.string({ unit: "binary", maxLength: 6 }), value, gap: space });
const members = fc.uniqueArray(member, { selector: ({ key }) => key, maxLength: 6 });
const object = fc.tuple(members, space, space).map(([all, before, after]) => ({
  all,
  text: `${before}{${after}${all
    .map((one) => `${one.gap}${JSON.stringify(one.key)}${one.gap}:${after}${one.value}${one.gap}`)
    .join(",")}}${before}`,
}));

const texts = (text: string): readonly (readonly [string, string])[] =>
  (scanMembers(text) ?? []).map((one) => [one.key, text.slice(one.valueStart, one.valueEnd)]);

describe("scanning the members of an object", () => {
  it("gives every value's own text back, in order", () => {
    fc.assert(
      fc.property(object, ({ all, text }) => {
        expect(texts(text)).toEqual(all.map((one) => [one.key, one.value]));
      }),
    );
  });

  it("refuses exactly what is no JSON object", () => {
    for (const text of ["", "[]", "null", '"{}"', "{", '{"a":1,}', "{'a':1}", "\u{FEFF}{}"]) {
      expect(scanMembers(text)).toBeUndefined();
    }
    expect(scanMembers(" { } ")).toEqual([]);
  });
});

describe("splicing members into an object", () => {
  const changes = fc.dictionary(fc.string({ unit: "binary", maxLength: 6 }), plain, { maxKeys: 4 });

  it("changes what was asked, keeps every sibling's bytes and order, and appends the rest", () => {
    fc.assert(
      fc.property(object, changes, fc.nat(), ({ all, text }, added, pick) => {
        const chosen = new Map(Object.entries(added));
        const replaced = all[pick % Math.max(1, all.length)]?.key;
        if (replaced !== undefined) chosen.set(replaced, '"changed"');
        const spliced = texts(spliceMembers(text, chosen));
        const present = new Set(all.map(({ key }) => key));
        expect(spliced).toEqual([
          ...all.map((one) => [one.key, chosen.get(one.key) ?? one.value]),
          ...[...chosen].filter(([key]) => !present.has(key)),
        ]);
      }),
    );
  });

  it("leaves everything around a replaced value as it was", () => {
    fc.assert(
      fc.property(object, fc.nat(), ({ text }, pick) => {
        const scanned = scanMembers(text) ?? [];
        const one = scanned[pick % Math.max(1, scanned.length)];
        if (one === undefined) return;
        const expected = `${text.slice(0, one.valueStart)}"changed"${text.slice(one.valueEnd)}`;
        expect(spliceMembers(text, new Map([[one.key, '"changed"']]))).toBe(expected);
      }),
    );
  });

  it("changes nothing when nothing is asked", () => {
    fc.assert(
      fc.property(object, ({ text }) => {
        expect(spliceMembers(text, new Map())).toBe(text);
      }),
    );
  });
});
