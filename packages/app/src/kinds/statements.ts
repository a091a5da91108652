import { topicNames } from "@rekey/contracts";
import type { Clock, EventSource, Subscription } from "@rekey/domain";
import { takeStatements, type StatementParts } from "@rekey/engine";
import type { Log, WallClock } from "@rekey/runtime";
import { rereading } from "../loops/rereading.ts";
import type { Supervised } from "../loops/supervised.ts";
import { intakeGroup } from "./intake.ts";

interface StatementsKind {
  readonly parts: StatementParts;
  readonly source: EventSource;
  /** Filled with the subscription while it lives. */
  readonly subscriptions: Subscription[];
  readonly clock: WallClock & Clock;
  readonly log: Log;
}

/** Each is a commit: fewer at once come again after a failure. */
const batchMax = 100;
/** A topic that may not be read, or is not there, is tried again this often at least. */
const pauseMsMax = 60_000;

/**
 * Hears what consumers say on their topic, apart from what may be a leak: an access list that lacks this topic never
 * ends the process that contains, so nothing that fails here is a death. It is told when it changes, and tried again.
 */
export const statementsLoop = async (
  { parts, ...reading }: StatementsKind,
  supervised: Supervised,
): Promise<void> => {
  const onBatch = takeStatements.bind(undefined, parts);
  const topic = topicNames.moved;
  const bears = (): boolean => true;
  const request = { ...reading, topic, group: intakeGroup, batchMax, onBatch, bears, pauseMsMax };
  await supervised("statements", async (signal) => await rereading(request, signal));
};
