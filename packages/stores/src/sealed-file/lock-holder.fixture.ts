import { callOf, realClock } from "../real-clock.fake.ts";
import { withLock } from "./lock.ts";

const longestTestMs = 30_000;

/** Holds the lock named on the command line, says so, and waits to be killed. Started by lock.test.ts. */
await withLock(
  { path: process.argv[2] ?? "", clock: realClock, call: callOf("hold") },
  async () => {
    process.stdout.write("held\n");
    await realClock.sleep(longestTestMs);
  },
);
