import type { Screen } from "./terminal/screen.ts";

/** One sentence the demonstration says about the world, and what was found when it looked. */
interface Claim {
  readonly claim: string;
  readonly expected: string;
  readonly found: string;
  readonly ok: boolean;
}

type Plain = string | number | boolean;

interface Comparison {
  readonly expected: Plain;
  readonly found: Plain;
  /** A shorter text for one that holds. */
  readonly shown?: string;
}

export interface Claims {
  /** Holds when what was found is exactly what was expected. */
  equal(claim: string, comparison: Comparison): void;
  /** Holds when `found` lies between both bounds, which belong to it. */
  between(
    claim: string,
    found: number,
    bounds: { readonly min: number; readonly max: number },
  ): void;
  readonly all: readonly Claim[];
}

/** Every claim is printed as it is checked; a failed one with what was expected and what was found. */
export const createClaims = (screen: Pick<Screen, "verdict">): Claims => {
  const all: Claim[] = [];
  const add = (claim: Claim, shown = claim.found): void => {
    all.push(claim);
    const note = claim.ok ? shown : `expected ${claim.expected}, found ${claim.found}`;
    screen.verdict(claim.ok, claim.claim, note);
  };
  return {
    equal: (claim, { expected, found, shown }) => {
      const ok = expected === found;
      add({ claim, expected: String(expected), found: String(found), ok }, shown);
    },
    between: (claim, found, { min, max }) =>
      add({
        claim,
        expected: max === Infinity ? `at least ${min}` : `${min} to ${max}`,
        found: String(found),
        ok: found >= min && found <= max,
      }),
    all,
  };
};
