import { silentLog, systemClock } from "@rekey/runtime";
import { memberArgument, runMember } from "../suite/member-program.suite.ts";
import { openKafkaTopics } from "./open.ts";
import type { KafkaPace } from "./pace.ts";

const { brokers, pace, ...member } = memberArgument<{
  brokers: string[];
  pace: Partial<KafkaPace>;
}>();
const log = openKafkaTopics({
  brokers,
  clientId: "rekey-member",
  log: silentLog,
  clock: systemClock,
  topics: [member.topic],
  pace,
});
await runMember(log.source, member);
