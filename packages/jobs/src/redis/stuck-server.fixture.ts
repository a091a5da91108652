import type { Lane } from "@rekey/domain";
import { fixedSource, silentLog, systemClock } from "@rekey/runtime";
import { openRedisDispatcher } from "./open.ts";

// A process that serves one lane, says so on standard output and never finishes: made to be killed.
const { url, lane, pace } = JSON.parse(process.argv[2] ?? "") as {
  url: string;
  lane: Lane;
  pace: { lockMs: number; stalledMs: number };
};
const dispatcher = await openRedisDispatcher({
  connection: fixedSource(url),
  log: silentLog,
  clock: systemClock,
  pace,
});
await dispatcher.serve(lane, 1, async () => {
  process.stdout.write("performing\n");
  await new Promise(() => undefined);
});
process.stdout.write("ready\n");
