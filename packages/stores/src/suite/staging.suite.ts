import { describe, expect, it } from "vitest";
import {
  addressOf,
  call,
  faultOf,
  materialOf,
  payments,
  secretOf,
  stagedOf,
  versionOf,
  type Bench,
} from "./bench.fixture.ts";

export const stagingSuite = (bench: () => Bench): void => {
  describe("staging", () => {
    it("a plain reader sees the old value until promote", async () => {
      await bench().put(versionOf(1), undefined);
      await bench().stage(versionOf(2));
      expect(await bench().passwordNow()).toBe(secretOf(versionOf(1)));
      expect(await bench().promote(versionOf(2), 1)).toBe("promoted");
      expect(await bench().passwordNow()).toBe(secretOf(versionOf(2)));
    });

    it("a staged value is read back whole, by this and by another opening of the store", async () => {
      await bench().stage(versionOf(1));
      for (const store of [bench().place.store, bench().place.other]) {
        const found = await store.read(payments, versionOf(1), call);
        expect(found?.material.secret.reveal()).toBe(secretOf(versionOf(1)));
        expect(found?.material.fields).toEqual({ username: "app_1" });
        expect(found).toMatchObject({ version: 1, rotationNumber: 1 });
        expect(found?.rotation).toBe("0190-rotation-1");
      }
    });

    it("staging again adopts, and the kept value wins", async () => {
      await bench().stage(versionOf(1));
      const other = {
        ...stagedOf(versionOf(1), bench().place.readers),
        material: materialOf(versionOf(9)),
      };
      expect(await bench().place.store.stage(payments, other, call)).toEqual({
        outcome: "adopted",
      });
      const found = await bench().place.store.read(payments, versionOf(1), call);
      expect(found?.material.secret.reveal()).toBe(secretOf(versionOf(1)));
    });

    it("two writers that stage the same version at once keep one value", async () => {
      const first = stagedOf(versionOf(1), bench().place.readers);
      const second = { ...first, material: materialOf(versionOf(9)) };
      const outcomes = await Promise.all([
        bench().place.store.stage(payments, first, call),
        bench().place.other.stage(payments, second, call),
      ]);
      expect(outcomes.map(({ outcome }) => outcome).toSorted()).toEqual(["adopted", "created"]);
    });

    it("a template that cannot be filled is refused before anything is kept", async () => {
      const address = addressOf({ URL: "https://{nobody}:{secret}@host" });
      const fault = await faultOf(
        bench().place.store.stage(address, stagedOf(versionOf(1), []), call),
      );
      expect(fault.code).toBe("STORE_REJECTED");
      expect(await bench().place.store.read(address, versionOf(1), call)).toBeUndefined();
    });
  });
};

export const labelsSuite = (bench: () => Bench): void => {
  describe("labels", () => {
    it("a version that was never staged is not there", async () => {
      expect(await bench().place.store.read(payments, versionOf(7), call)).toBeUndefined();
      expect((await faultOf(bench().promote(versionOf(7), undefined))).code).toBe(
        "STORE_VALUE_MISSING",
      );
    });

    it("name the current and the pending version and every rotation number", async () => {
      expect(await bench().place.store.labels(payments, versionOf(1), call)).toEqual({
        versions: [],
      });
      await bench().put(versionOf(1), undefined);
      await bench().stage(versionOf(2));
      expect(await bench().place.store.labels(payments, versionOf(1), call)).toEqual({
        current: 1,
        pending: 2,
        versions: [
          { version: 1, rotationNumber: 1 },
          { version: 2, rotationNumber: 2 },
        ],
      });
    });

    it("after an undo the version that was set back is not pending again", async () => {
      await bench().put(versionOf(1), undefined);
      await bench().put(versionOf(2), 1);
      expect(await bench().promote(versionOf(1), 2)).toBe("promoted");
      expect(await bench().passwordNow()).toBe(secretOf(versionOf(1)));
      const labels = await bench().place.store.labels(payments, versionOf(1), call);
      expect(labels).toMatchObject({ current: 1 });
      expect(labels).not.toHaveProperty("pending");
    });
  });
};
