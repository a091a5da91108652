import { createPaint, padEnd, padStart, type Paint } from "./paint.ts";
import { table, type Column } from "./table.ts";
import { seconds } from "./times.ts";

export interface ScreenOptions {
  readonly write: (text: string) => void;
  /** A terminal: colour, and a line that is drawn again while something takes long. */
  readonly live: boolean;
  readonly colour: boolean;
  /** Columns of the terminal: a live line never wraps, or it could not be taken away. */
  readonly columns: () => number;
  /** Monotonic milliseconds. */
  readonly now: () => number;
  /** Calls again and again until the answer is called. */
  readonly every: (milliseconds: number, tick: () => void) => () => void;
}

/** One thing under way that may take longer than a second. */
interface Progress {
  /** What it waits for now. */
  readonly note: (text: string) => void;
}

export interface Screen {
  readonly paint: Paint;
  title(text: string, below: string): void;
  /** Starts a scene: times of its lines count from here. */
  scene(letter: string, text: string, about?: string): void;
  /** An event and when it happened; `at` is milliseconds since the scene began, now if absent. */
  event(text: string, note?: string, at?: number): void;
  /** A sentence without a time. */
  say(text: string): void;
  verdict(ok: boolean, text: string, note?: string): void;
  table(columns: readonly Column[], rows: readonly (readonly string[])[]): void;
  /** Names and what there is to say of each, in two columns. */
  facts(facts: readonly (readonly [name: string, text: string])[]): void;
  blank(): void;
  progress<Value>(label: string, work: (progress: Progress) => Promise<Value>): Promise<Value>;
}

const timeWidth = 9;
const textWidth = 48;
const frames = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];
const frameMs = 80;
/** Piped, what takes longer than a second says so, and again now and then. */
const firstWordMs = 1_000;
const nextWordMs = 5_000;
/** Blanks, the spinner, and one column that stays free. */
const liveMargin = 5;
const eraseLine = "\r\u001B[2K";

export const createScreen = (options: ScreenOptions): Screen => {
  const paint = createPaint(options.colour);
  const live = createLiveLine(options, paint);
  let sceneAt = options.now();
  const line = (text = ""): void => live.above(() => options.write(`${text.trimEnd()}\n`));
  const timed = (text: string, note: string, at: number): void =>
    line(
      `${paint.quiet(padStart(seconds(at), timeWidth))}  ${note === "" ? text : padEnd(text, textWidth)}  ${paint.quiet(note)}`,
    );
  return {
    paint,
    title: (text, below) => {
      line();
      line(`  ${paint.strong(text)}`);
      line(`  ${paint.quiet(below)}`);
    },
    scene: (letter, text, about = "") => {
      sceneAt = options.now();
      line();
      line(`${paint.event(padStart(letter, 3))}  ${paint.strong(text)}  ${paint.quiet(about)}`);
    },
    event: (text, note = "", at = options.now() - sceneAt) => timed(text, note, at),
    say: (text) => line(`${" ".repeat(timeWidth)}  ${paint.quiet(text)}`),
    verdict: (ok, text, note = "") =>
      line(
        `${padStart(ok ? paint.good("✓") : paint.bad("✗"), timeWidth)}  ${note === "" ? text : padEnd(text, textWidth)}  ${ok ? paint.quiet(note) : paint.bad(note)}`,
      ),
    table: (columns, rows) => {
      const look = { indent: 2, title: paint.quiet, rule: paint.quiet };
      for (const text of table(columns, rows, look)) line(text);
    },
    facts: (facts) => {
      const width = Math.max(...facts.map(([name]) => name.length));
      for (const [name, text] of facts) line(`  ${paint.quiet(padEnd(name, width))}  ${text}`);
    },
    blank: () => line(),
    progress: (label, work) => live.during(label, work),
  };
};

interface LiveLine {
  /** Writes above the live line, which is drawn again below. */
  above(write: () => void): void;
  during<Value>(label: string, work: (progress: Progress) => Promise<Value>): Promise<Value>;
}

interface Shown {
  label: string;
  note: string;
  readonly since: number;
}

const createLiveLine = (options: ScreenOptions, paint: Paint): LiveLine => {
  const { write, live, columns, now, every } = options;
  let shown: Shown | undefined;
  let frame = 0;
  const text = ({ label, note }: Shown): string => (note === "" ? label : `${label}: ${note}`);
  const draw = (): void => {
    if (shown === undefined || !live) return;
    const spinner = paint.warm(frames[frame++ % frames.length] ?? "");
    const took = paint.quiet(padStart(seconds(now() - shown.since), timeWidth));
    const room = columns() - timeWidth - liveMargin;
    write(
      `${eraseLine}${took}  ${spinner} ${paint.quiet(text(shown).slice(0, Math.max(0, room)))}`,
    );
  };
  const plainly = (one: Shown): (() => void) => {
    let wordAt = one.since + firstWordMs;
    return () => {
      if (now() < wordAt) return;
      wordAt = now() + nextWordMs;
      const took = seconds(now() - one.since);
      write(`${padStart("…", timeWidth)}  ${text(one)} (${took})\n`);
    };
  };
  return {
    above: (writeLine) => {
      if (shown !== undefined && live) write(eraseLine);
      writeLine();
      draw();
    },
    during: async (label, work) => {
      const before = shown;
      const one: Shown = { label, note: "", since: now() };
      shown = one;
      const stop = every(frameMs, live ? draw : plainly(one));
      try {
        return await work({ note: (note) => (one.note = note) });
      } finally {
        stop();
        if (live) write(eraseLine);
        shown = before;
      }
    },
  };
};
