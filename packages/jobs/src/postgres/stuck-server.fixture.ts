import { silentLog, systemClock } from "@rekey/runtime";
import { Secret } from "@rekey/secret";
import type { Lane } from "@rekey/domain";
import { openPostgresDispatcher } from "./open.ts";

// A process that serves one lane, says so on standard output and never finishes: made to be killed.
const { lane, password, ...rest } = JSON.parse(process.argv[2] ?? "") as {
  lane: Lane;
  password: string;
  host: string;
  port: number;
  user: string;
  database: string;
  pace: { lockMs: number; stalledMs: number };
};
const { pace, ...address } = rest;
const dispatcher = await openPostgresDispatcher({
  connection: { ...address, password: Secret.fromUtf8(password) },
  log: silentLog,
  clock: systemClock,
  pace,
});
await dispatcher.serve(lane, 1, async () => {
  process.stdout.write("performing\n");
  await new Promise(() => undefined);
});
process.stdout.write("ready\n");
