import { expect, test } from "vitest";
import type { Turn } from "../rotation/turn.ts";
import { timeOver } from "./time-seen.ts";

test("what is over is recorded no earlier than it was, however long the last command took", () => {
  const databaseAheadMs = 1_000_000;
  for (const commandTookMs of [0, 0.4, 40, 3_000]) {
    for (const atShare of [0, 0.5, 1]) {
      let monotonic = 500.3;
      const parts = { clock: { monotonicMs: () => monotonic } } as Turn["parts"];
      const askedAtMs = monotonic;
      // PostgreSQL reads its clock, and its milliseconds are cut off, somewhere between the question and the answer.
      const now = Math.floor(databaseAheadMs + monotonic + commandTookMs * atShare);
      monotonic += commandTookMs;
      const overAt = timeOver({ parts, now, askedAtMs });
      monotonic += 12.6;
      expect(overAt()).toBeGreaterThan(databaseAheadMs + monotonic - 1);
      expect(overAt() - (databaseAheadMs + monotonic)).toBeLessThanOrEqual(commandTookMs + 1);
    }
  }
});
