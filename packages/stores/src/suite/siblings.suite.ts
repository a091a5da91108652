import { describe, expect, it } from "vitest";
import { scanMembers } from "../json-members.ts";
import {
  addressOf,
  call,
  faultOf,
  fieldOf,
  payments,
  reports,
  reportsDb,
  secretOf,
  siblings,
  stagedOf,
  versionOf,
  type Bench,
} from "./bench.fixture.ts";

/** Each member of a document with the exact text of its value. */
const membersOf = (text = ""): readonly (readonly [string, string])[] =>
  (scanMembers(text) ?? []).map(({ key, valueStart, valueEnd }) => [
    key,
    text.slice(valueStart, valueEnd),
  ]);

export const siblingsSuite = (bench: () => Bench): void => {
  describe("siblings", () => {
    it("stay byte-identical as a reader sees them, and in their order", async () => {
      await bench().place.foreignWrite("team/app", siblings);
      const before = membersOf(await bench().place.plainRead("team/app"));
      await bench().put(versionOf(1), undefined);
      await bench().put(versionOf(2), 1);
      const after = membersOf(await bench().place.plainRead("team/app"));
      const names = before.map(([name]) => name);
      expect(names.toSorted()).toEqual(["A", "big", "nested", "z"]);
      expect(after.filter(([name]) => names.includes(name))).toEqual(before);
    });

    it("two credentials in one document are promoted at once, and both are there", async () => {
      await bench().stage(versionOf(1));
      await bench().place.other.stage(
        reports,
        stagedOf(versionOf(1, reportsDb), bench().place.readers),
        call,
      );
      const outcomes = await Promise.all([
        bench().promote(versionOf(1), undefined),
        bench().place.other.promote(
          reports,
          { ref: versionOf(1, reportsDb), from: undefined, readers: bench().place.readers },
          call,
        ),
      ]);
      expect(outcomes).toEqual(["promoted", "promoted"]);
      const text = await bench().place.plainRead("team/app");
      expect(fieldOf(text, "DATABASE_PASSWORD")).toBe(secretOf(versionOf(1)));
      expect(fieldOf(text, "REPORTS_PASSWORD")).toBe(secretOf(versionOf(1, reportsDb)));
    });

    it("a foreign write in between is kept", async () => {
      await bench().place.foreignWrite("team/app", '{"colour":"red"}');
      await bench().put(versionOf(1), undefined);
      await bench().stage(versionOf(2));
      bench().place.beforeNextReplace(async () => {
        const text = (await bench().place.plainRead("team/app")) ?? "";
        await bench().place.foreignWrite("team/app", text.replace('"red"', '"blue"'));
      });
      expect(await bench().promote(versionOf(2), 1)).toBe("promoted");
      const text = await bench().place.plainRead("team/app");
      expect(fieldOf(text, "colour")).toBe("blue");
      expect(fieldOf(text, "DATABASE_PASSWORD")).toBe(secretOf(versionOf(2)));
    });
  });
};

export const fieldsThatAreNotOursSuite = (bench: () => Bench): void => {
  describe("fields that are not ours", () => {
    it("the first version takes a plain field over, a later one does not", async () => {
      await bench().place.foreignWrite(
        "team/app",
        '{"DATABASE_PASSWORD":"by hand","OTHER":"by hand"}',
      );
      await bench().put(versionOf(1), undefined);
      expect(await bench().passwordNow()).toBe(secretOf(versionOf(1)));
      const wider = addressOf({ ...payments.fields, OTHER: "{secret}" });
      const fault = await faultOf(bench().put(versionOf(2), 1, wider));
      expect(fault.code).toBe("STORE_REJECTED");
      expect(await bench().passwordNow()).toBe(secretOf(versionOf(1)));
    });

    it("a field of another credential is never taken over", async () => {
      await bench().put(versionOf(1), undefined);
      const stolen = addressOf({ DATABASE_PASSWORD: "{secret}" });
      const fault = await faultOf(bench().put(versionOf(1, reportsDb), undefined, stolen));
      expect(fault.code).toBe("STORE_REJECTED");
      expect(await bench().passwordNow()).toBe(secretOf(versionOf(1)));
    });
  });
};
