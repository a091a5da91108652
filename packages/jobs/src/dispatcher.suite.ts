import type { Dispatcher } from "@rekey/domain";
import { afterAll, afterEach, beforeAll, describe } from "vitest";
import {
  backendDown,
  closeLeavesNothing,
  killedServersAndLostContents,
} from "./suite/faults.suite.ts";
import { hintsArriveWhole, oneHintOneJob } from "./suite/hints.suite.ts";
import {
  failuresLeaveNoText,
  lanesAreApart,
  serversShare,
  stopIsBounded,
} from "./suite/servers.suite.ts";
import type { JobsWorld } from "./suite/world.suite.ts";

/** What every dispatcher promises. Performing a hint at most once at a time is not among it. */
export function dispatcherSuite(name: string, start: () => Promise<JobsWorld>): void {
  describe(name, () => {
    let world: JobsWorld;
    const opened: Dispatcher[] = [];
    const kept = async (opening: Promise<Dispatcher>): Promise<Dispatcher> => {
      const dispatcher = await opening;
      opened.push(dispatcher);
      return dispatcher;
    };
    const open = (): Promise<Dispatcher> => kept(world.open());
    const openSteady = (): Promise<Dispatcher> => kept(world.openSteady());
    beforeAll(async () => {
      world = await start();
    });
    afterEach(async () => {
      await Promise.all(opened.splice(0).map((dispatcher) => dispatcher.close()));
      await world.lose();
    });
    afterAll(() => world.end());
    oneHintOneJob(open);
    hintsArriveWhole(open);
    failuresLeaveNoText(openSteady, () => world);
    serversShare(open);
    lanesAreApart(open);
    stopIsBounded(open, openSteady);
    killedServersAndLostContents(open, () => world);
    backendDown(open, () => world);
    closeLeavesNothing(open, () => world);
  });
}
