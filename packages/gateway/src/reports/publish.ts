import {
  encodeCloudEvent,
  recordKeyOf,
  signalEvent,
  topicNames,
  type acceptedReply,
} from "@rekey/contracts";
import { Assertion, Fault, type OutgoingRecord, type Problem, type Signal } from "@rekey/domain";
import type { z } from "zod";
import type { GatewayParts } from "../options.ts";

type Accepted = z.output<typeof acceptedReply>;

/** Who publishes, as the events' source. */
const eventSource = "/rekey/gateway";

/** Records of one append. */
const appendMax = 500;

/** Appends the signals to `rekey.in.api`, durable when it resolves; answers what was accepted and what was not. */
export const publishSignals = async (
  { sink, onWork }: Pick<GatewayParts, "sink" | "onWork">,
  signals: readonly Signal[],
  refused: readonly Problem[] = [],
): Promise<Accepted> => {
  const carried = signals.map((signal) => ({ signal, record: recordOf(signal) }));
  const records = carried.flatMap(({ record }) => (record === undefined ? [] : [record]));
  for (let start = 0; start < records.length; start += appendMax)
    await sink.append(records.slice(start, start + appendMax)).catch((error: unknown) => {
      throw start === 0 ? error : afterSome(error);
    });
  if (records.length > 0) onWork();
  return {
    accepted: carried.flatMap(({ signal: { eventId }, record }) =>
      record === undefined ? [] : [{ eventId }],
    ),
    refused: [
      ...refused,
      ...carried.flatMap(({ record }, index) =>
        record === undefined ? [{ path: `[${index}]`, reason: notCarried }] : [],
      ),
    ],
  };
};

// What was appended before is in the log, whatever became of the rest.
const afterSome = (error: unknown): unknown => {
  if (!(error instanceof Fault)) return error;
  const { code, providerCode } = error;
  return new Fault(code, {
    ...(providerCode !== undefined && { providerCode }),
    unknownOutcome: true,
    cause: error,
  });
};

const notCarried = "is longer than its event type allows: shorten its id, feed or reason";

// A foreign report's field may be longer than our own event allows; that is not our bug.
const recordOf = (signal: Signal): OutgoingRecord | undefined => {
  try {
    const event = signalEvent(signal, { source: eventSource });
    return { topic: topicNames.api, key: recordKeyOf(event), ...encodeCloudEvent(event) };
  } catch (error) {
    if (error instanceof Assertion) return undefined;
    throw error;
  }
};
