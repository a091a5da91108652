import { on } from "node:events";
import type { EventSource } from "@rekey/domain";

export interface MemberArgument {
  readonly topic: string;
  readonly group: string;
  readonly stuck: boolean;
}

/** What the process was started with: a member, and what its log needs. */
export const memberArgument = <Log>(): MemberArgument & Log =>
  JSON.parse(process.argv[2] ?? "") as MemberArgument & Log;

/** Nothing tells that the commit of a batch was tried; it follows its handler at once, and is not as slow as this. */
const committedMs = 500;

/**
 * One member of a group in a process of its own, made to be paused and killed. It writes
 * `started <partition> <offset>` and `finished`; a stuck one finishes one batch for each line on its input.
 */
export async function runMember(source: EventSource, member: MemberArgument): Promise<void> {
  const lines = on(process.stdin, "data");
  const released = async (): Promise<unknown> => member.stuck && (await lines.next());
  await source.subscribe({
    topics: [member.topic],
    group: member.group,
    batchMax: 10,
    onBatch: async (batch) => {
      process.stdout.write(`started ${batch.partition} ${batch.records[0]?.offset}\n`);
      await released();
      setTimeout(() => process.stdout.write("finished\n"), committedMs);
    },
    onError: () => undefined,
  });
  process.stdout.write("ready\n");
}
