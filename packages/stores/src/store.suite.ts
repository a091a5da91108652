import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  addressOf,
  benchOf,
  call,
  faultOf,
  payments,
  versionOf,
  type Bench,
  type StoreFixture,
} from "./suite/bench.fixture.ts";
import { crashesSuite, destroyingSuite } from "./suite/ending.suite.ts";
import { promotingSuite } from "./suite/promoting.suite.ts";
import { fieldsThatAreNotOursSuite, siblingsSuite } from "./suite/siblings.suite.ts";
import { labelsSuite, stagingSuite } from "./suite/staging.suite.ts";

/** What the Store port promises, for every store, fake and real. */
export const storeSuite = (name: string, open: () => Promise<StoreFixture>): void => {
  describe(`${name} keeps what the Store port promises`, () => {
    let opened: Bench | undefined;
    const bench = (): Bench => {
      if (opened === undefined) throw new Error("the fixture is not open");
      return opened;
    };
    beforeEach(async () => {
      opened = benchOf(await open());
    });
    afterEach(() => bench().place.close());

    stagingSuite(bench);
    labelsSuite(bench);
    promotingSuite(bench);
    siblingsSuite(bench);
    fieldsThatAreNotOursSuite(bench);
    destroyingSuite(bench);
    crashesSuite(bench);

    it("an address that would leave the store is named by its problem", async () => {
      const { store } = bench().place;
      const bad = addressOf({ FIELD: "{secret}" }, "../outside");
      expect(store.checkAddress(bad).map(({ path }) => path)).toEqual(["document"]);
      const fault = await faultOf(store.read(bad, versionOf(1), call));
      expect(fault.code).toBe("STORE_REJECTED");
      expect(store.checkAddress(payments)).toEqual([]);
    });

    it("a check finds nothing wrong and leaves nothing behind", async () => {
      await bench().place.store.check(call);
      expect(await bench().place.plainRead("team/app")).toBeUndefined();
    });
  });
};
