import type { Clock, Dispatcher, Lane } from "@rekey/domain";
import { fixedSource, silentLog, systemClock } from "@rekey/runtime";
import type { Log, SecretSource } from "@rekey/runtime";
import type { JobsPace } from "../pace.ts";

interface Opening {
  readonly connection: SecretSource;
  readonly log: Log;
  readonly clock: Clock;
  readonly pace: JobsPace;
}

/** The whole of a process that serves one lane, says so on standard output and never finishes: made to be killed. */
export async function serveStuck(open: (options: Opening) => Promise<Dispatcher>): Promise<void> {
  const { url, lane, pace } = JSON.parse(process.argv[2] ?? "") as {
    url: string;
    lane: Lane;
    pace: JobsPace;
  };
  const connection = fixedSource(url);
  const dispatcher = await open({ connection, log: silentLog, clock: systemClock, pace });
  await dispatcher.serve(lane, 1, async () => {
    process.stdout.write("performing\n");
    await new Promise(() => undefined);
  });
  process.stdout.write("ready\n");
}
