import { stripVTControlCharacters } from "node:util";
import fc from "fast-check";
import { expect, test } from "vitest";
import { createPaint, padEnd, widthOf } from "./paint.ts";
import { createScreen, type ScreenOptions } from "./screen.ts";
import { table } from "./table.ts";

const escape = "\u001B";

function bench(live: boolean) {
  const written: string[] = [];
  const ticks = new Set<() => void>();
  let at = 0;
  const options: ScreenOptions = {
    write: (text) => written.push(text),
    live,
    colour: live,
    columns: () => 60,
    now: () => at,
    every: (_milliseconds, tick) => {
      ticks.add(tick);
      return () => ticks.delete(tick);
    },
  };
  const pass = (milliseconds: number): void => {
    for (let step = 0; step < milliseconds; step += 100) {
      at += 100;
      for (const tick of ticks) tick();
    }
  };
  return { screen: createScreen(options), pass, text: () => written.join(""), ticks };
}

test("piped output is whole lines without one control character", async () => {
  const { screen, text, pass } = bench(false);
  screen.title("Rekey", "below");
  screen.scene("a", "a leak", "incident");
  screen.event("contained", "one session ended");
  screen.verdict(true, "refused", "28P01");
  screen.verdict(false, "alive", "expected alive, found refused");
  screen.table([{ title: "case" }], [["incident"]]);
  await screen.progress("waiting", async () => pass(12_000));
  expect(text()).not.toContain(escape);
  expect(text()).not.toContain("\r");
  expect(text().endsWith("\n")).toBe(true);
});

test("piped, only what takes longer than a second says so, and again every five seconds", async () => {
  const { screen, text, pass } = bench(false);
  await screen.progress("quick", async () => pass(900));
  expect(text()).toBe("");
  await screen.progress("slow", async (progress) => {
    pass(1_500);
    progress.note("the proof");
    pass(10_000);
  });
  expect(text().match(/… {2}slow/g)).toHaveLength(2 + 1);
  expect(text()).toContain("…  slow: the proof");
});

test("on a terminal the live line is gone when its work has ended, also when it failed", async () => {
  const { screen, text, pass, ticks } = bench(true);
  await screen.progress("waiting", async () => pass(300));
  await expect(
    screen.progress("failing", async () => {
      pass(300);
      throw new Error("planted");
    }),
  ).rejects.toThrow("planted");
  expect(text().endsWith("\r\u001B[2K")).toBe(true);
  expect(ticks.size).toBe(0);
});

test("a line that comes while something is under way stands above the live line", async () => {
  const { screen, text, pass } = bench(true);
  await screen.progress("waiting", async () => {
    pass(200);
    screen.event("contained");
    pass(100);
  });
  const lines = stripVTControlCharacters(text()).split("\n");
  expect(lines[0]).toContain("contained");
  expect(lines[1]).toContain("waiting");
});

test("a live line is cut where the terminal ends", async () => {
  const { screen, text, pass } = bench(true);
  await screen.progress("x".repeat(200), async () => pass(100));
  const longest = Math.max(
    ...text()
      .split("\r")
      .map((line) => widthOf(line)),
  );
  expect(longest).toBeLessThan(60);
  expect(longest).toBeGreaterThan(40);
});

test("times of a scene count from its beginning", () => {
  const { screen, text, pass } = bench(false);
  pass(5_000);
  screen.scene("a", "a leak");
  pass(1_200);
  screen.event("contained");
  expect(text()).toMatch(/ 1\.20 s {2}contained\n/);
});

test("columns of a table line up whatever is in them, coloured or not", () => {
  const paint = createPaint(true);
  const cell = fc.string({ unit: "grapheme-ascii", maxLength: 20 }).map((text) => text.trim());
  fc.assert(
    fc.property(fc.array(fc.tuple(cell, cell, cell), { maxLength: 8 }), (rows) => {
      const look = { indent: 2, title: paint.quiet, rule: paint.quiet };
      const columns = [{ title: "first" }, { title: "second", right: true }, { title: "end" }];
      const bare = table(columns, rows, look).map((line) => stripVTControlCharacters(line));
      const dyed = rows.map(([first, ...rest]) => [paint.good(first), ...rest]);
      expect(table(columns, dyed, look).map((line) => stripVTControlCharacters(line))).toEqual(
        bare,
      );
      const ends = rows.map(([, , end], index) => (bare[index + 2] ?? "").lastIndexOf(end));
      const shown = ends.filter((_, index) => (rows[index]?.[2] ?? "") !== "");
      expect(shown.every((at) => at > 0)).toBe(true);
    }),
  );
});

test("colour takes no room", () => {
  const paint = createPaint(true);
  expect(widthOf(paint.good("dead"))).toBe(4);
  expect(widthOf(padEnd(paint.bad("alive"), 9))).toBe(9);
  expect(createPaint(false).good("dead")).toBe("dead");
});
