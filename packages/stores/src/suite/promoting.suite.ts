import { describe, expect, it } from "vitest";
import { call, fieldOf, payments, secretOf, versionOf, type Bench } from "./bench.fixture.ts";

export const promotingSuite = (bench: () => Bench): void => {
  describe("promoting", () => {
    it("the same promote twice is one change", async () => {
      await bench().put(versionOf(1), undefined);
      const before = await bench().place.plainRead("team/app");
      expect(await bench().promote(versionOf(1), undefined)).toBe("already");
      expect(await bench().place.plainRead("team/app")).toBe(before);
    });

    it("a conflict leaves everything as it was", async () => {
      await bench().put(versionOf(1), undefined);
      await bench().stage(versionOf(2));
      const before = await bench().place.plainRead("team/app");
      for (const from of [undefined, 5]) {
        expect(await bench().promote(versionOf(2), from)).toBe("conflict");
      }
      expect(await bench().place.plainRead("team/app")).toBe(before);
      expect(await bench().place.store.labels(payments, versionOf(1), call)).toMatchObject({
        current: 1,
        pending: 2,
      });
    });

    it("a late promote of an older version changes nothing", async () => {
      await bench().put(versionOf(1), undefined);
      await bench().put(versionOf(2), 1);
      await bench().put(versionOf(3), 2);
      expect(await bench().place.other.promote(payments, bench().promotion(2, 1), call)).toBe(
        "conflict",
      );
      expect(await bench().passwordNow()).toBe(secretOf(versionOf(3)));
    });

    it("of two writers that promote different versions one wins and one is told", async () => {
      await bench().put(versionOf(1), undefined);
      await bench().stage(versionOf(2));
      await bench().stage(versionOf(3));
      const outcomes = await Promise.all([
        bench().place.store.promote(payments, bench().promotion(2, 1), call),
        bench().place.other.promote(payments, bench().promotion(3, 1), call),
      ]);
      expect(outcomes.toSorted()).toEqual(["conflict", "promoted"]);
    });

    it("values are percent-encoded inside a URL and exact elsewhere", async () => {
      await bench().put(versionOf(1), undefined);
      const text = await bench().place.plainRead("team/app");
      const url = new URL(String(fieldOf(text, "DATABASE_URL")));
      expect(decodeURIComponent(url.password)).toBe(secretOf(versionOf(1)));
      expect(url.username).toBe("app_1");
      expect(fieldOf(text, "DATABASE_PASSWORD")).toBe(secretOf(versionOf(1)));
    });
  });
};
