import { topicNames } from "@rekey/contracts";
import type { Clock, EventSource, Subscription } from "@rekey/domain";
import { takeStatements, type StatementParts } from "@rekey/engine";
import type { Log, WallClock } from "@rekey/runtime";
import { consuming } from "../loops/consuming.ts";
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

/** Hears what consumers say on their topic, apart from what may be a leak. */
export const statementsLoop = async (
  { parts, ...reading }: StatementsKind,
  supervised: Supervised,
): Promise<void> =>
  await supervised("statements", async (signal) => {
    const onBatch = takeStatements.bind(undefined, parts);
    const request = { ...reading, topic: topicNames.moved, group: intakeGroup, batchMax, onBatch };
    await consuming(request, signal);
  });
