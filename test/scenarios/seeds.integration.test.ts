import { expect, test } from "vitest";
import { profiles, randomRun } from "./random-run.fixture.ts";

/** One seed alone: `only` is set to a seed that failed. */
const seedsEach = 40;

test.each(Object.keys(profiles))(
  "whatever meets a credential at a provider of kind %s, every promise holds and all comes to rest",
  async (profile) => {
    const broken: string[] = [];
    for (let seed = 1; seed <= seedsEach; seed += 1) {
      await randomRun(seed, profile).catch((error: unknown) => {
        broken.push(
          `seed ${seed} of ${profile}: ${error instanceof Error ? error.message.slice(0, 400) : ""}`,
        );
      });
    }
    expect(broken).toEqual([]);
  },
);
