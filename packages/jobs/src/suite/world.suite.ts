import type { Dispatcher, Hint, Lane } from "@rekey/domain";
import { systemClock } from "@rekey/runtime";

/** One backend with its faults, for every test of the suite in turn. */
export interface JobsWorld {
  open(): Promise<Dispatcher>;
  /** With a lock that no stall of a busy machine outlasts: for what holds only while locks are kept. */
  openSteady(): Promise<Dispatcher>;
  /** Everything the backend holds is gone. */
  lose(): Promise<void>;
  goDown(): Promise<void>;
  comeBack(): Promise<void>;
  /** A server in another process that never finishes what it performs. */
  spawnStuck(lane: Lane): Promise<{ performing(): number; kill(): Promise<void> }>;
  /** All that is stored, as text. */
  stored(): Promise<string>;
  connections(): Promise<number>;
  end(): Promise<void>;
}

export type Open = () => Promise<Dispatcher>;

// Bounds for what hangs, no measures: a busy machine is slower by far than a quiet one.
export const soon = { timeout: 60_000, interval: 5 };
// Twice the lock and some looks for stalled jobs, of the shortened pace that worlds use.
export const takeover = { timeout: 90_000, interval: 20 };

/** Where time itself is the subject: an outage of so long, or what is counted meanwhile. */
export const passes = (milliseconds: number): Promise<void> => systemClock.sleep(milliseconds);

let made = 0;
export const freshHint = (generation = 1): Hint => {
  made += 1;
  return { kind: "rotation", id: `hint${made}`, generation };
};

export interface Gate {
  readonly opened: Promise<void>;
  open(): void;
}

/** Holds handlers until a test lets them go. */
export function gate(): Gate {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open: () => open() };
}
