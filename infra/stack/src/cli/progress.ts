export interface ProgressOptions {
  readonly write: (text: string) => void;
  /** A terminal: a line that is drawn again while something takes long. */
  readonly live: boolean;
  /** Columns of the terminal: a line that wraps could not be taken away. */
  readonly columns: () => number;
  /** Monotonic milliseconds. */
  readonly now: () => number;
  /** Calls again and again until the answer is called. */
  readonly every: (milliseconds: number, tick: () => void) => () => void;
}

/** What is under way, and what is said when it is done; without that nothing is. */
export interface Doing {
  readonly doing: string;
  readonly done?: string;
}

export interface Progress {
  say(text: string): void;
  /** Shows that it goes on, and how long it took; several at once are shown on one line. */
  during<Value>(
    texts: Doing,
    work: (note: (text: string) => void) => Promise<Value>,
  ): Promise<Value>;
}

interface Task {
  readonly label: string;
  readonly since: number;
  note: string;
  wordAt: number;
}

const frames = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];
const frameMs = 100;
// Piped, what takes longer than a second says so, and again now and then.
const firstWordMs = 1_000;
const nextWordMs = 10_000;
const eraseLine = "\r\u001B[2K";

export const seconds = (milliseconds: number): string => {
  const whole = Math.floor(milliseconds / 1_000);
  if (whole < 60) return `${(milliseconds / 1_000).toFixed(1)} s`;
  return `${Math.floor(whole / 60)} min ${whole % 60} s`;
};

export const createProgress = (options: ProgressOptions): Progress => {
  const { write, live, columns, now, every } = options;
  const tasks = new Set<Task>();
  let stop = (): void => {};
  let frame = 0;
  const shown = ({ label, note, since }: Task): string =>
    `${label}${note === "" ? "" : `, ${note}`} (${seconds(now() - since)})`;
  const draw = (): void => {
    if (tasks.size === 0) return;
    const text = [...tasks]
      .map(shown)
      .join(" · ")
      .slice(0, Math.max(0, columns() - 5));
    write(`${eraseLine}  ${frames[frame++ % frames.length]} ${text}`);
  };
  const word = (): void => {
    for (const task of tasks) {
      if (now() < task.wordAt) continue;
      task.wordAt = now() + nextWordMs;
      write(`  … ${shown(task)}\n`);
    }
  };
  const say = (text: string): void => {
    write(`${live ? eraseLine : ""}${text}\n`);
    if (live) draw();
  };
  const end = (task: Task): void => {
    tasks.delete(task);
    if (tasks.size === 0) {
      stop();
      if (live) write(eraseLine);
    }
  };
  return {
    say,
    during: async ({ doing, done }, work) => {
      const since = now();
      const task = { label: doing, since, note: "", wordAt: since + firstWordMs };
      if (tasks.size === 0) stop = every(frameMs, live ? draw : word);
      tasks.add(task);
      try {
        const value = await work((text) => (task.note = text));
        end(task);
        if (done !== undefined) say(`  ✓ ${done} (${seconds(now() - since)})`);
        return value;
      } catch (error) {
        end(task);
        say(`  ✗ ${doing} failed (${seconds(now() - since)})`);
        throw error;
      }
    },
  };
};
