import type { Clock } from "@rekey/domain";
import { counted, Fault } from "@rekey/domain";
import { openClient } from "./connect.ts";
import type { KafkaConnection } from "./connect.ts";
import { within } from "./deadline.ts";
import { asKafkaFault } from "./faults.ts";
import { clusterOf, grantedGroup, grantedTopics } from "./granted-operations.ts";
import type { Granted } from "./granted-operations.ts";
import { groupOf } from "./open.ts";

const judgeMs = 10_000;
const name = "topics rights";

/** What a process does with its topics. */
export interface TopicUse {
  readonly reads: readonly string[];
  readonly writes: readonly string[];
  /** What it reads by, as it names it when it subscribes. */
  readonly group: string;
}

/** Whether access lists allow all of it; `next` has the rule that is missing. */
export interface RightsJudgement {
  readonly name: string;
  readonly ok: boolean;
  readonly found: string;
  readonly next?: string;
  /** The brokers did not tell. */
  readonly skipped?: true;
}

/**
 * Asks the brokers what this login may do, so that a right that is missing shows before a process needs it: asking for a topic
 * needs none of reading and writing. Whoever asks the brokers otherwise says that they do not answer.
 */
export async function rightsJudgements(options: {
  readonly connection: KafkaConnection;
  readonly clock: Clock;
  readonly use: TopicUse;
}): Promise<readonly RightsJudgement[]> {
  const { connection, clock, use } = options;
  if (use.reads.length + use.writes.length === 0) return [];
  const { kafka, sockets } = await openClient(connection, { requestMs: judgeMs });
  const ask = async (): Promise<Answers> => {
    const cluster = await clusterOf(kafka);
    const groups = use.reads.map((topic) => groupOf(use.group, topic));
    return {
      topics: await grantedTopics(cluster, [...new Set([...use.reads, ...use.writes])]),
      groups: await Promise.all(groups.map(async (group) => await grantedGroup(cluster, group))),
    };
  };
  try {
    return [judgeRights(use, await within(clock, judgeMs, ask()), principalOf(connection))];
  } catch (error) {
    const fault = asKafkaFault(error);
    if (!(fault instanceof Fault)) throw fault;
    const code = [fault.code, fault.providerCode].filter(Boolean).join(", ");
    return [{ name, ok: true, skipped: true, found: `no answer to what is granted: ${code}` }];
  } finally {
    sockets.end();
  }
}

interface Answers {
  readonly topics: readonly Granted[];
  readonly groups: readonly Granted[];
}

/** With a certificate or a token the brokers make up the name. */
const principalOf = ({ sasl }: KafkaConnection): string =>
  sasl !== undefined && "username" in sasl ? sasl.username : "‹Rekey's user›";

/** Pure. */
export const judgeRights = (
  { reads, writes }: TopicUse,
  { topics, groups }: Answers,
  principal: string,
): RightsJudgement => {
  const without = (right: "read" | "write", wanted: readonly string[]): readonly string[] =>
    topics.filter((topic) => wanted.includes(topic.name) && topic[right] === false).map(named);
  const missing = [
    { operation: "Read", kind: "topic", names: without("read", reads) },
    { operation: "Write", kind: "topic", names: without("write", writes) },
    {
      operation: "Read",
      kind: "group",
      names: groups.filter(({ read }) => read === false).map(named),
    },
  ].filter(({ names }) => names.length > 0);
  if (missing.length > 0) return missingRights(missing, principal);
  const silent = topics.filter(({ read }) => read === undefined).map(named);
  const found = `the brokers do not tell of ${shortened(silent)}`;
  if (silent.length > 0) return { name, ok: true, skipped: true, found };
  // Before the first group of a cluster there is nobody who coordinates one.
  const groupsTold = groups.every(({ read }) => read !== undefined);
  return {
    name,
    ok: true,
    found: `${allOf(reads, writes)}${groupsTold ? "" : "; groups are told of later"}`,
  };
};

const named = (granted: Granted): string => granted.name;

const allOf = (reads: readonly string[], writes: readonly string[]): string =>
  `${counted(reads.length, "topic")} may be read, ${writes.length} written`;

interface Missing {
  readonly operation: string;
  readonly kind: string;
  readonly names: readonly string[];
}

const namesMax = 3;

const shortened = (names: readonly string[]): string => {
  const more = names.length - namesMax;
  return `${names.slice(0, namesMax).join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
};

const missingRights = (missing: readonly Missing[], principal: string): RightsJudgement => ({
  name,
  ok: false,
  found: `TOPIC_REJECTED (ACL_DENIED): without ${missing
    .map(({ operation, kind, names }) => `${operation} of ${kind} ${shortened(names)}`)
    .join("; ")}`,
  next: missing
    .map(({ operation, kind, names }) => {
      const resources = names.map((one) => `--${kind} ${one}`).join(" ");
      return `kafka-acls.sh … --add --allow-principal User:${principal} --operation ${operation} ${resources}`;
    })
    .join("; "),
});
