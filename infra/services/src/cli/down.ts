import { waitUntilGone } from "@rekey/stack";
import { ServicesFault } from "../fault.ts";
import { nameOf } from "../processes/plan.ts";
import { stopMaxMs } from "../processes/start-services.ts";
import { isRunning, readState, writeState, type ServiceRecord } from "../processes/state.ts";
import type { ServicesContext } from "./context.ts";

const killMaxMs = 2_000;

/** Stops what `up` started, all at once, and nothing else. */
export const down = async ({ folder, progress }: ServicesContext): Promise<void> => {
  const state = await readState(folder);
  const running = await Promise.all(state.services.map(isRunning));
  const records = state.services.filter((_, index) => running[index] === true);
  if (records.length === 0) progress.say("  nothing of it runs");
  await Promise.all(
    records.map((record) =>
      progress.during(
        { doing: `stopping ${nameOf(record)}`, done: `${nameOf(record)} stopped` },
        () => stopRecorded(record),
      ),
    ),
  );
  await writeState(folder, { ...state, services: [] });
};

/** The recorded process itself; one that has ended is left alone. */
export const stopRecorded = async (record: ServiceRecord): Promise<void> => {
  if (!(await isRunning(record))) return;
  const { pid } = record;
  process.kill(pid, "SIGTERM");
  // A paused one would keep SIGTERM waiting.
  process.kill(pid, "SIGCONT");
  if (await waitUntilGone(pid, stopMaxMs)) return;
  process.kill(pid, "SIGKILL");
  if (await waitUntilGone(pid, killMaxMs)) return;
  throw new ServicesFault("START_FAILED", `${nameOf(record)} (pid ${pid}) could not be ended`);
};
