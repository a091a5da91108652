import { fixedSource, silentLog, systemClock } from "@rekey/runtime";
import { memberArgument, runMember } from "../suite/member-program.suite.ts";
import { openEmbeddedTopics } from "./open.ts";
import type { Pace } from "./pace.ts";

const { url, partitions, pace, ...member } = memberArgument<{
  url: string;
  partitions: number;
  pace: Partial<Pace>;
}>();
const log = await openEmbeddedTopics({
  connection: fixedSource(url),
  log: silentLog,
  clock: systemClock,
  topics: [{ name: member.topic, partitions }],
  pace,
});
await runMember(log.source, member);
