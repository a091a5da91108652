import type { ContractCase } from "@rekey/testkit";
import { expect } from "vitest";
import type { MovableWorld } from "./world.suite.ts";

const check = (id: string, digit: string) => ({
  scheme: `hmac-sha256:${id}`,
  value: digit.repeat(64),
});

/** What a pepper was known by first is what it is compared with ever after. */
export const pepperCases: readonly ContractCase<MovableWorld>[] = [
  {
    guarantee:
      "of each pepper the first value is kept, whoever comes with another one and however often",
    run: async ({ ledger, elapse }) => {
      expect(await ledger.peppers()).toEqual([]);
      const first = check("one", "a");
      const all = await Promise.all([1, 2, 3].map(() => ledger.keepPepper(first)));
      expect(all).toEqual([[first], [first], [first]]);
      expect(await ledger.keepPepper(check("one", "b"))).toEqual([first]);
      await elapse(1_000);
      const second = check("two", "c");
      expect(await ledger.keepPepper(second)).toEqual([second, first]);
      expect(await ledger.peppers()).toEqual([second, first]);
    },
  },
];
