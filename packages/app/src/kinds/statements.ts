import { topicNames } from "@rekey/contracts";
import { Fault, type Clock, type EventSource, type Subscription } from "@rekey/domain";
import { takeStatements, type StatementParts } from "@rekey/engine";
import type { Log, WallClock } from "@rekey/runtime";
import { consuming } from "../loops/consuming.ts";
import type { Supervised } from "../loops/supervised.ts";
import { createTopicOutage } from "../loops/topic-outage.ts";
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
/** Between two tries at a topic that may not be read, or is not there: doubles up to a minute. */
const pauseMs = 1_000;
const pauseMsMax = 60_000;

/**
 * Hears what consumers say on their topic, apart from what may be a leak: an access list that lacks this topic never
 * ends the process that contains, so nothing that fails here is a death. It is told when it changes, and tried again.
 */
export const statementsLoop = async (
  { parts, ...reading }: StatementsKind,
  supervised: Supervised,
): Promise<void> => {
  const { clock, log } = reading;
  const topic = topicNames.moved;
  const outage = createTopicOutage({ topic, clock, log });
  await supervised("statements", async (signal) => {
    const onBatch = takeStatements.bind(undefined, parts);
    const request = { ...reading, topic, group: intakeGroup, batchMax, onBatch, outage };
    for (let tries = 0; !signal.aborted; tries += 1) {
      const failure = await consuming(request, signal).catch((error: unknown) => error);
      if (signal.aborted) return;
      if (failure instanceof Fault) outage.failed(failure);
      else log.error("topic not read", { topic, error: failure });
      const waitMs = Math.min(pauseMs * 2 ** Math.min(tries, 16), pauseMsMax);
      await clock.sleep(waitMs, signal).catch(() => undefined);
    }
  });
};
