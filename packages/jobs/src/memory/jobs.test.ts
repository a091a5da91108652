import type { Dispatcher } from "@rekey/domain";
import { systemClock } from "@rekey/runtime";
import { dispatcherSuite } from "../dispatcher.suite.ts";
import type { JobsWorld } from "../suite/world.suite.ts";
import { createMemoryJobs } from "./jobs.ts";

async function memoryWorld(): Promise<JobsWorld> {
  const jobs = createMemoryJobs({ clock: systemClock, lockMs: 200 });
  const hints = new Set<string>();
  const open = async (): Promise<Dispatcher> => {
    const dispatcher = jobs.open();
    const invite = dispatcher.invite.bind(dispatcher);
    return {
      ...dispatcher,
      invite: async (lane, hint, options) => {
        hints.add(JSON.stringify(hint));
        await invite(lane, hint, options);
      },
    };
  };
  return {
    open,
    // Its locks are lost by a kill alone.
    openSteady: open,
    lose: async () => jobs.lose(),
    goDown: async () => jobs.setReachable(false),
    comeBack: async () => jobs.setReachable(true),
    spawnStuck: async (lane) => {
      const dispatcher = jobs.open();
      let performing = 0;
      await dispatcher.serve(lane, 1, async () => {
        performing += 1;
        await new Promise(() => undefined);
      });
      return { performing: () => performing, kill: async () => dispatcher.kill() };
    },
    stored: async () => [...hints].join("\n"),
    connections: async () => 0,
    end: async () => undefined,
  };
}

dispatcherSuite("dispatcher in memory", memoryWorld);
