import { day, hour, type Instant } from "../instant.ts";
import { refuse, type Refusal } from "../refusal.ts";
import type { Watch, WatchStateName } from "./case.ts";

/** When a proven death is probed again, counted from the proof. */
export const watchAfterMs: readonly number[] = [hour, day, 7 * day];

export type WatchCommand =
  | { readonly type: "still-dead" }
  | { readonly type: "unanswered"; readonly dueAt: Instant }
  | { readonly type: "alive-again" };
export type WatchCommandName = WatchCommand["type"];
export const watchCommandNames = [
  "still-dead",
  "unanswered",
  "alive-again",
] as const satisfies readonly WatchCommandName[];

/** `still-dead` ends the watch when it was the last of its probes. */
export const watchTransitions: Readonly<
  Record<WatchStateName, Readonly<Partial<Record<WatchCommandName, readonly WatchStateName[]>>>>
> = {
  watching: {
    "still-dead": ["watching", "ended"],
    unanswered: ["watching"],
    "alive-again": ["reopened"],
  },
  reopened: {},
  ended: {},
};

/** Pure: the watch after a probe, or why not. `delays` is a parameter so that a demonstration can be short. */
export const advanceWatch = (
  watch: Watch,
  command: WatchCommand,
  at: { now: Instant; delays: readonly number[] },
): Watch | Refusal => {
  if (watchTransitions[watch.state][command.type] === undefined)
    return refuse("WRONG_STATE", `a watch that is ${watch.state} is over`);
  switch (command.type) {
    case "unanswered":
      return { ...watch, failures: watch.failures + 1, dueAt: command.dueAt };
    case "alive-again":
      return { ...watch, state: "reopened", endedAt: at.now };
    case "still-dead": {
      const probes = watch.probes + 1;
      const delay = at.delays[probes];
      if (delay === undefined) return { ...watch, probes, state: "ended", endedAt: at.now };
      return { ...watch, probes, failures: 0, dueAt: watch.startedAt + delay };
    }
  }
};
