import { describe, expect, it } from "vitest";
import {
  call,
  faultOf,
  payments,
  secretOf,
  stagedOf,
  versionOf,
  type Bench,
} from "./bench.fixture.ts";

export const destroyingSuite = (bench: () => Bench): void => {
  describe("destroying", () => {
    it("the current version is refused", async () => {
      await bench().put(versionOf(1), undefined);
      const fault = await faultOf(bench().place.store.destroy(payments, versionOf(1), call));
      expect(fault.code).toBe("STORE_CONFLICT");
      expect(await bench().place.store.read(payments, versionOf(1), call)).toBeDefined();
    });

    it("a previous version keeps its material until it is destroyed, twice is once", async () => {
      await bench().put(versionOf(1), undefined);
      await bench().put(versionOf(2), 1);
      const kept = await bench().place.store.read(payments, versionOf(1), call);
      expect(kept?.material.secret.reveal()).toBe(secretOf(versionOf(1)));
      await bench().place.store.destroy(payments, versionOf(1), call);
      await bench().place.store.destroy(payments, versionOf(1), call);
      expect(await bench().place.store.read(payments, versionOf(1), call)).toBeUndefined();
      expect((await bench().place.store.labels(payments, versionOf(1), call)).versions).toEqual([
        { version: 2, rotationNumber: 2 },
      ]);
    });

    it("a late stage does not bring a destroyed version back", async () => {
      await bench().stage(versionOf(1));
      await bench().place.store.destroy(payments, versionOf(1), call);
      const late = bench().place.other.stage(
        payments,
        stagedOf(versionOf(1), bench().place.readers),
        call,
      );
      expect((await faultOf(late)).code).toBe("STORE_REJECTED");
      expect(await bench().place.store.read(payments, versionOf(1), call)).toBeUndefined();
    });
  });
};

export const crashesSuite = (bench: () => Bench): void => {
  describe("a crash after the effect and before its answer", () => {
    it("of stage is adopted", async () => {
      const staged = stagedOf(versionOf(1), bench().place.readers);
      await bench().place.crashAfterEffect(payments, { name: "stage", staged });
      expect(await bench().place.store.stage(payments, staged, call)).toEqual({
        outcome: "adopted",
      });
    });

    it("of promote is already done", async () => {
      await bench().stage(versionOf(1));
      await bench().place.crashAfterEffect(payments, {
        name: "promote",
        request: bench().promotion(1, undefined),
      });
      expect(await bench().promote(versionOf(1), undefined)).toBe("already");
      expect(await bench().passwordNow()).toBe(secretOf(versionOf(1)));
    });

    it("of destroy stays destroyed", async () => {
      await bench().stage(versionOf(1));
      await bench().place.crashAfterEffect(payments, { name: "destroy", ref: versionOf(1) });
      await bench().place.store.destroy(payments, versionOf(1), call);
      expect(await bench().place.store.read(payments, versionOf(1), call)).toBeUndefined();
    });
  });
};
