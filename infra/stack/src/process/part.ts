import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { StackFault } from "../fault.ts";
import { requireFreePort } from "./port.ts";
import { launch, type Launched, type Program } from "./launch.ts";
import { waitFor } from "./wait-for.ts";

/** A server that was started here, on 127.0.0.1 only. */
export interface RunningPart {
  readonly name: string;
  /** Another one after `restart`. */
  readonly pid: number;
  readonly port: number;
  readonly folder: string;
  readonly logFile: string;
  /** SIGTERM, and SIGKILL after a bound; data is kept. Safe to repeat. */
  stop(): Promise<void>;
  /** As kill -9. */
  kill(): Promise<void>;
  /** SIGSTOP: connections stay open and nothing answers. */
  pause(): void;
  /** SIGCONT. */
  resume(): void;
  /** Stops it if it runs; the same port and the same data. */
  restart(): Promise<void>;
}

/** So that somebody knows the process whatever happens next. */
export type OnLaunch = (pid: number) => Promise<void>;

export interface PartPlan {
  readonly name: string;
  readonly port: number;
  /** Those that it listens on beside. */
  readonly otherPorts?: readonly number[];
  readonly folder: string;
  /** Given, it goes on when this process ends, and its pid is told before it is ready. */
  readonly onLaunch?: OnLaunch | undefined;
  readonly program: Program;
  /** Asked until it says yes. */
  readonly isReady: (launched: Launched) => Promise<boolean>;
  /** After each start, when it is ready. */
  readonly afterStart?: () => Promise<void>;
}

// Three brokers on a busy machine take more than a minute, and as long to hand over what they lead.
const readyMaxMs = 2 * 60_000;
const stopMaxMs = 30_000;
const shownLinesMax = 12;

/** Starts a part and waits until it is ready. What it logged is in the error when it does not get there. */
export const startPart = async (plan: PartPlan): Promise<RunningPart> => {
  const { name, port, folder } = plan;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const logFile = join(folder, `${name}.log`);
  let launched = await startOnce(plan, logFile);
  const signal = (which: NodeJS.Signals): void => {
    if (!launched.hasEnded()) process.kill(launched.pid, which);
  };
  const end = async (which: "SIGTERM" | "SIGKILL"): Promise<void> => {
    signal(which);
    // A paused process keeps SIGTERM waiting.
    signal("SIGCONT");
    const gone = await waitFor(() => launched.hasEnded(), stopMaxMs);
    if (!gone) signal("SIGKILL");
    await launched.ended;
  };
  return {
    name,
    port,
    folder,
    logFile,
    get pid() {
      return launched.pid;
    },
    stop: () => end("SIGTERM"),
    kill: () => end("SIGKILL"),
    pause: () => signal("SIGSTOP"),
    resume: () => signal("SIGCONT"),
    restart: async () => {
      await end("SIGTERM");
      launched = await startOnce(plan, logFile);
    },
  };
};

const startOnce = async (plan: PartPlan, logFile: string): Promise<Launched> => {
  for (const port of [plan.port, ...(plan.otherPorts ?? [])]) {
    await requireFreePort(port, plan.name);
  }
  const launched = await launch(plan.program, {
    folder: plan.folder,
    logFile,
    outlives: plan.onLaunch !== undefined,
  });
  try {
    await plan.onLaunch?.(launched.pid);
    await untilReady(plan, launched);
    await plan.afterStart?.();
    return launched;
  } catch (error) {
    if (!launched.hasEnded()) process.kill(launched.pid, "SIGKILL");
    throw error;
  }
};

const untilReady = async (plan: PartPlan, launched: Launched): Promise<void> => {
  const ready = await waitFor(
    async () => launched.hasEnded() || (await plan.isReady(launched)),
    readyMaxMs,
  );
  if (ready && !launched.hasEnded()) return;
  const what = launched.hasEnded()
    ? `ended at once with ${await launched.ended}`
    : `was not ready within ${readyMaxMs / 1_000} s`;
  const said = (await launched.logged()).trimEnd().split("\n").slice(-shownLinesMax).join("\n");
  throw new StackFault("START_FAILED", `${plan.name} ${what}; it logged:\n${said}`);
};
