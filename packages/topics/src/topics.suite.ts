import { afterAll, afterEach, beforeAll, describe } from "vitest";
import {
  groupsAreApart,
  offsetsFollowHandlers,
  poisonDoesNotStopAPartition,
  rejectedBatchesComeAgain,
  stuckReadersAreSeen,
  subscriptionsAreApart,
  topicsOfAGroupAreApart,
} from "./suite/groups.suite.ts";
import {
  cutMembersComeBack,
  deadMembersAreReplaced,
  longHandlersKeepTheirPartition,
  membersShare,
  zombiesCannotCommit,
} from "./suite/members.suite.ts";
import {
  appendsAreDurable,
  closeLeavesNothing,
  lostAnswersLoseNothing,
  outagesAreSeenAndSurvived,
  restartsLoseNothing,
} from "./suite/outages.suite.ts";
import {
  appendTimesAreTheLogs,
  orderIsKept,
  quietReadersSeeEachOnce,
  recordsArriveWhole,
  sizesAreBounded,
} from "./suite/records.suite.ts";
import type { OpenLog, TopicsWorld } from "./suite/world.suite.ts";

/** What every event log promises, whatever carries it. */
export function topicsSuite(name: string, start: () => Promise<TopicsWorld>): void {
  describe(name, () => {
    let world: TopicsWorld;
    const opened: OpenLog[] = [];
    const kept = async (opening: Promise<OpenLog>): Promise<OpenLog> => {
      const log = await opening;
      opened.push(log);
      return log;
    };
    const open = (): Promise<OpenLog> => kept(world.open());
    const opening = { open, openSteady: () => kept(world.openSteady()) };
    beforeAll(async () => {
      world = await start();
    });
    afterEach(async () => {
      await Promise.all(opened.splice(0).map((log) => log.close()));
    });
    afterAll(() => world.end());
    orderIsKept(open, () => world);
    quietReadersSeeEachOnce(opening.openSteady, () => world);
    recordsArriveWhole(open, () => world);
    appendTimesAreTheLogs(open, () => world);
    sizesAreBounded(open, () => world);
    rejectedBatchesComeAgain(open, () => world);
    poisonDoesNotStopAPartition(open, () => world);
    offsetsFollowHandlers(open, () => world);
    stuckReadersAreSeen(open, () => world);
    groupsAreApart(open, () => world);
    topicsOfAGroupAreApart(open, () => world);
    subscriptionsAreApart(open, () => world);
    membersShare(opening, () => world);
    longHandlersKeepTheirPartition(opening, () => world);
    deadMembersAreReplaced(opening, () => world);
    zombiesCannotCommit(opening, () => world);
    cutMembersComeBack(opening, () => world);
    appendsAreDurable(open, () => world);
    lostAnswersLoseNothing(open, () => world);
    outagesAreSeenAndSurvived(open, () => world);
    restartsLoseNothing(open, () => world);
    closeLeavesNothing(open, () => world);
  });
}
