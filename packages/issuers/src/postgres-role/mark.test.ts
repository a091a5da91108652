import { credentialId, rotationId } from "@rekey/domain";
import fc from "fast-check";
import { expect, test } from "vitest";
import { hostileName } from "./hostile-name.fixture.ts";
import { markPrefix, markText, nameBytesMax, parseMark, principalName } from "./mark.ts";

const versions = fc.integer({ min: 1, max: 1_000_000 });
const refs = fc
  .record({ credential: hostileName, version: versions })
  .map(({ credential, version }) => ({ credential: credentialId(credential), version }));

test("a principal is readable, and fits the server's names exactly where it must be cut", () => {
  const of = (credential: string, version: number) =>
    principalName({ credential: credentialId(credential), version });
  expect(of("payments-db", 3)).toBe("rekey_payments-db_3");
  expect(of("a".repeat(55), 1)).toBe(`rekey_${"a".repeat(55)}_1`);
  expect(of("a".repeat(56), 1)).toMatch(/^rekey_a{42}~[0-9a-f]{12}_1$/);
  expect(of("ü".repeat(40), 12)).toMatch(/^rekey_ü+~[0-9a-f]{12}_12$/);
});

test("every name, however hostile, gives a principal that the server keeps whole", () => {
  fc.assert(
    fc.property(refs, (ref) => {
      const principal = principalName(ref);
      expect(Buffer.byteLength(principal)).toBeLessThanOrEqual(nameBytesMax);
      expect(principal.isWellFormed()).toBe(true);
      expect(principal).not.toContain("\0");
      expect(principalName(ref)).toBe(principal);
    }),
    { numRuns: 500 },
  );
});

test("two versions never share a principal", () => {
  fc.assert(
    fc.property(refs, refs, (one, other) => {
      const same = one.credential === other.credential && one.version === other.version;
      expect(principalName(one) === principalName(other)).toBe(same);
    }),
    { numRuns: 500 },
  );
});

test("a mark comes back from its comment, and begins as the listing looks for it", () => {
  fc.assert(
    fc.property(refs, hostileName, (ref, rotation) => {
      const mark = { ...ref, rotation: rotationId(rotation) };
      expect(parseMark(markText(mark))).toEqual(mark);
      expect(markText(mark).startsWith(markPrefix(ref.credential))).toBe(true);
    }),
  );
});

test("the prefix of one credential is not the beginning of another's", () => {
  const mark = { credential: credentialId("pay"), version: 1, rotation: rotationId("r") };
  expect(markText(mark).startsWith(markPrefix(credentialId("pa")))).toBe(false);
});

test("a comment that is not exactly ours is no mark", () => {
  const mark = { credential: credentialId("pay"), version: 1, rotation: rotationId("r") };
  const text = markText(mark);
  const others = [
    undefined,
    "",
    "owned by ann",
    "{}",
    '{"rekey":null}',
    '{"rekey":{}}',
    `${text} `,
  ];
  const changed = [text.replace("1", '"1"'), text.replace("1", "1.5"), text.slice(0, -1)];
  for (const comment of [...others, ...changed, text.replace("}", ',"more":1}')])
    expect(parseMark(comment)).toBeUndefined();
});
