import fc from "fast-check";
import { expect, test } from "vitest";
import { canonicalJson } from "./canonical-json.ts";
import { inspectJson } from "./inspect-json.ts";
import { isPlainDocument } from "./plain-document.ts";
import { parseJsonStrict } from "./strict-json.ts";

const reasonsOf = (text: string | Uint8Array, options = {}): string[] =>
  (parseJsonStrict(text, options).problems ?? []).map(({ path, reason }) => `${path}: ${reason}`);

test("what canonical JSON writes reads back as the same value", () => {
  fc.assert(
    fc.property(ownJson(), (value) => {
      expect(canonicalJson(parseJsonStrict(canonicalJson(value)).value)).toBe(canonicalJson(value));
    }),
  );
});

test("the order of keys and the blanks between them do not change canonical JSON", () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string({ unit: "grapheme" }), fc.integer()), (value) => {
      const turned = Object.fromEntries(Object.entries(value).toReversed());
      expect(canonicalJson(turned)).toBe(canonicalJson(value));
    }),
  );
});

test("a duplicate key is refused at every depth, however it is escaped", () => {
  expect(reasonsOf('{"a":1,"a":1}')).toEqual(["[key 2]: is a duplicate key"]);
  expect(reasonsOf('{"a":1,"\\u0061":1}')).toEqual(["[key 2]: is a duplicate key"]);
  expect(reasonsOf('{"x":[{"b":{}},{"b":1,"c":"}","b":2}]}')).toEqual([
    "[key 1][1].[key 3]: is a duplicate key",
  ]);
  expect(reasonsOf('{"a":{"b":1},"b":{"a":1}}')).toEqual([]);
});

test("a duplicate is found wherever it is planted in a document", () => {
  fc.assert(
    fc.property(ownJson(), ownJson(), (before, after) => {
      const planted = `[${JSON.stringify(before)},{"k":${JSON.stringify(after)},"k":1}]`;
      expect(reasonsOf(planted)).toEqual(["[1].[key 2]: is a duplicate key"]);
    }),
  );
});

test("no key is repeated, wherever and however often it is written", () => {
  for (const text of [
    '{"hunter2":1,"hunter2":1}',
    '{"hunter2":{"hunter2":"\\u0000"}}',
    '{"hunter2":9007199254740993}',
    '{"a\\u0000hunter2":[1e999]}',
  ]) {
    expect(reasonsOf(text)).not.toEqual([]);
    expect(reasonsOf(text).join()).not.toContain("hunter2");
  }
});

test("a document that is called plain is one in which the walk finds nothing", () => {
  const options = { depthMax: 4, characters: "text", root: "" } as const;
  let plain = 0;
  fc.assert(
    fc.property(writtenJson(), (text) => {
      if (!isPlainDocument(text, JSON.parse(text), options.depthMax)) return;
      plain += 1;
      expect(inspectJson(text, options)).toEqual({ problems: [], largeIntegers: [] });
    }),
    { numRuns: 1_000 },
  );
  expect(plain).toBeGreaterThan(0);
});

test("a document as producers send it is plain; one level too deep, a doubled key or a lost digit is not", () => {
  const isPlain = (text: string): boolean => isPlainDocument(text, JSON.parse(text), 3);
  const plain = ['{"a":[{"b":-1.5}],"c":null}', "[[[1]]]", '"ü"', "9007199254740991", "-0", "{}"];
  expect(plain.filter((text) => !isPlain(text))).toEqual([]);
  const others = ["[[[[]]]]", '{"a":1,"a":1}', '{"a":{"b":1},"a":"b"}', "9007199254740992"];
  expect([...others, "[1e999]", '{"__proto__":1}', '"\ud800"'].filter(isPlain)).toEqual([]);
});

test("U+0000, half a surrogate pair and the prototype key are refused with their path", () => {
  expect(reasonsOf('{"a":["x\\u0000y"]}')).toEqual(["[key 1][0]: has the character U+0000"]);
  expect(reasonsOf('{"a":"\\ud800"}')).toEqual(["[key 1]: has half of a surrogate pair"]);
  expect(reasonsOf('{"__proto__":{}}')).toEqual(["[key 1]: is not an allowed key"]);
});

test("a foreign body may hold any character, but still no duplicate key", () => {
  const options = { characters: "any" } as const;
  expect(parseJsonStrict('["x\\u0000","\\ud800"]', options).value).toEqual(["x\u0000", "\ud800"]);
  expect(reasonsOf('{"a":1,"a":2}', options)).toEqual(["[key 2]: is a duplicate key"]);
});

test("numbers that lose digits are refused, or kept as their digits", () => {
  const text = '{"repository":{"id":9007199254740993},"n":-12,"f":1.5e3}';
  const reason = "[key 1].[key 1]: is a number that loses digits: send it as a string";
  expect(reasonsOf(text)).toEqual([reason]);
  expect(parseJsonStrict(text, { largeIntegers: "text" }).value).toEqual({
    repository: { id: "9007199254740993" },
    n: -12,
    f: 1500,
  });
  expect(reasonsOf("[1e999]")).toEqual(["[0]: is a number beyond every range"]);
});

test("size and depth are bounded", () => {
  expect(reasonsOf('"12345"', { bytesMax: 6 })).toEqual([": is larger than 6 bytes"]);
  expect(reasonsOf('"12345"', { bytesMax: 7 })).toEqual([]);
  expect(reasonsOf("[[[]]]", { depthMax: 2 })).toEqual([": is nested deeper than 2 levels"]);
  expect(reasonsOf("[[[]]]", { depthMax: 3 })).toEqual([]);
  expect(reasonsOf("[".repeat(300_000) + "]".repeat(300_000))).toHaveLength(1);
});

test("bytes that are not UTF-8 and a byte order mark are refused", () => {
  expect(reasonsOf(Uint8Array.of(0x22, 0xff, 0x22))).toEqual([": is not valid UTF-8"]);
  expect(reasonsOf(Uint8Array.of(0xef, 0xbb, 0xbf, 0x31))).toHaveLength(1);
});

test("the reason for broken JSON never quotes the text", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 30 }), (cut) => {
      const text = '{"password":"hunter2-is-a-secret"}'.slice(0, cut);
      expect(reasonsOf(text).join()).toMatch(/^: is not valid JSON( at character \d+)?$/);
    }),
  );
  expect(reasonsOf("hunter2").join()).not.toContain("hunter2");
});

test("what JSON.parse accepts and nothing forbids is accepted alike", () => {
  fc.assert(
    fc.property(ownJson(), (value) => {
      const text = JSON.stringify(value, undefined, 2);
      expect(parseJsonStrict(text).value).toEqual(JSON.parse(text));
    }),
  );
});

// JSON that nothing of the strict front forbids.
function ownJson(): fc.Arbitrary<unknown> {
  return fc
    .jsonValue({ stringUnit: "grapheme", maxDepth: 5 })
    .filter((value) => !/\\u0000|__proto__|e\+|\d{16}/.test(JSON.stringify(value)));
}

// Valid JSON in which everything that the strict front looks for is frequent.
function writtenJson(): fc.Arbitrary<string> {
  const strings = [
    "a",
    "b",
    "__proto__",
    "\\u0061",
    "\\u0000",
    "\\ud800",
    "\ud800",
    '\\"',
    "{",
    ":",
  ];
  const string = fc.constantFrom(...strings).map((text) => `"${text}"`);
  const number = fc.constantFrom(
    "0",
    "-1",
    "1.5",
    "9007199254740993",
    "-0",
    "1e999",
    "1e3",
    "1e300",
  );
  const { document } = fc.letrec<{ document: string }>((tie) => ({
    document: fc.oneof(
      { depthSize: "small", withCrossShrink: true },
      fc.oneof(string, number, fc.constantFrom("true", "null")),
      fc.array(tie("document"), { maxLength: 3 }).map((members) => `[${members.join(", ")}]`),
      fc
        .array(fc.tuple(string, tie("document")), { maxLength: 3 })
        .map((members) => `{${members.map((member) => member.join(":")).join()}}`),
    ),
  }));
  return document;
}
