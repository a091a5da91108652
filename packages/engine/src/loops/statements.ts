import { decodeStatement, heartbeatType, producerOfTopic, type Statement } from "@rekey/contracts";
import {
  isRefusal,
  signalId,
  type IncomingBatch,
  type IncomingRecord,
  type Instant,
  type Problem,
  type Refusal,
  type RejectedInput,
} from "@rekey/domain";
import { hearStatement } from "../consumers/hear.ts";
import type { EngineParts } from "../parts.ts";

export interface StatementParts extends Pick<
  EngineParts,
  "ledger" | "newId" | "failpoint" | "log"
> {
  /** The reader's wall clock, for a topic that does not say when it took a record. */
  readonly now: () => Instant;
  /** Names bytes without telling what is in them. */
  readonly digestOf: (value: Uint8Array) => string;
}

/**
 * One batch of what consumers say on their topic. Resolves when each record has its outcome: counted, noted, refused
 * or quarantined; only then the offset moves. A record that is read again is known by its id, and changes nothing.
 */
export const takeStatements = async (
  parts: StatementParts,
  { records }: IncomingBatch,
): Promise<void> => {
  const rejected: RejectedInput[] = [];
  const heard: Heard[] = [];
  for (const record of records) {
    const { value, problems } = decodeStatement(record);
    if (problems === undefined) heard.push({ record, statement: value });
    else rejected.push(quarantined(parts, record, problems));
  }
  for (const { record, statement } of whoRunsFirst(heard)) {
    const { appendedAt } = record;
    const hearing = await hearStatement(parts.ledger, {
      ...statement,
      now: parts.now(),
      ...(appendedAt !== undefined && { appendedAt }),
    });
    await parts.failpoint("statements.after-sight");
    if (isRefused(hearing)) rejected.push(refused(parts, record, hearing));
  }
  if (rejected.length > 0) await parts.ledger.rejectInputs(rejected);
  if (records.length > 0) parts.log.info("statements recorded", { count: records.length });
};

interface Heard {
  readonly record: IncomingRecord;
  readonly statement: Statement;
}

/**
 * After an outage one instance's acknowledgement may stand before another one's heartbeat: whoever runs is known
 * first, so that a drain does not end without them.
 */
const whoRunsFirst = (heard: readonly Heard[]): readonly Heard[] => {
  const runs = ({ statement }: Heard): boolean => statement.type === heartbeatType;
  return [...heard.filter(runs), ...heard.filter((one) => !runs(one))];
};

/** Known already is what a delivery again looks like: the first outcome stands. */
const isRefused = (hearing: unknown): hearing is Refusal =>
  isRefusal(hearing) && hearing.refused !== "ALREADY_DONE";

const inputOf = (parts: StatementParts, record: IncomingRecord) => ({
  id: signalId(parts.newId()),
  source: producerOfTopic(record.topic) ?? record.topic,
  coordinates: `${record.topic}/${record.partition}/${record.offset}`,
  digest: parts.digestOf(record.value),
});

const quarantined = (
  parts: StatementParts,
  record: IncomingRecord,
  problems: readonly Problem[],
): RejectedInput => ({
  ...inputOf(parts, record),
  outcome: "quarantined",
  reason: problems[0]?.reason ?? "it cannot be understood",
  problems,
});

const refused = (
  parts: StatementParts,
  record: IncomingRecord,
  { reason, problems = [] }: Refusal,
): RejectedInput => ({ ...inputOf(parts, record), outcome: "refused", reason, problems });
