import { expect, test } from "vitest";
import { createProgress, seconds, type Progress } from "./progress.ts";

interface Scene {
  readonly progress: Progress;
  readonly written: () => string;
  readonly pass: (milliseconds: number) => void;
}

const scene = (live: boolean): Scene => {
  let text = "";
  let at = 0;
  let tick: (() => void) | undefined;
  const progress = createProgress({
    write: (more) => (text += more),
    live,
    columns: () => 60,
    now: () => at,
    every: (_, call) => {
      tick = call;
      return () => (tick = undefined);
    },
  });
  return {
    progress,
    written: () => text,
    pass: (milliseconds) => {
      at += milliseconds;
      tick?.();
    },
  };
};

const texts = { doing: "building vault", done: "vault is built" };

test("piped, what takes longer than a second says so, with what it does now", async () => {
  const { progress, written, pass } = scene(false);
  await progress.during(texts, async (note) => {
    pass(900);
    expect(written()).toBe("");
    note("12 packages");
    pass(200);
  });
  expect(written()).toBe("  … building vault, 12 packages (1.1 s)\n  ✓ vault is built (1.1 s)\n");
});

test("piped, it does not repeat itself all the time", async () => {
  const { progress, written, pass } = scene(false);
  await progress.during(texts, async () => {
    for (let second = 0; second < 30; second++) pass(1_000);
  });
  expect(written().match(/…/g)).toHaveLength(3);
});

test("on a terminal one line stands for all that is under way, and goes away", async () => {
  const { progress, written, pass } = scene(true);
  await Promise.all([
    progress.during(texts, async () => pass(100)),
    progress.during({ doing: "starting kafka", done: "kafka started" }, async () => pass(100)),
  ]);
  expect(written()).toContain("building vault (0.2 s) · starting kafka");
  expect(written()).toMatch(/2K {2}✓ kafka started \(0\.1 s\)\n$/);
});

test("what failed is told apart and goes through", async () => {
  const { progress, written } = scene(false);
  const failing = progress.during(texts, () => Promise.reject(new Error("no compiler")));
  await expect(failing).rejects.toThrow("no compiler");
  expect(written()).toBe("  ✗ building vault failed (0.0 s)\n");
});

test("minutes are minutes", () => {
  expect([seconds(59_940), seconds(61_000), seconds(320_000)]).toEqual([
    "59.9 s",
    "1 min 1 s",
    "5 min 20 s",
  ]);
});
