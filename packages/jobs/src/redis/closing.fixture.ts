import { fixedSource, silentLog, systemClock } from "@rekey/runtime";
import { openRedisDispatcher } from "./open.ts";

// A process that serves, performs one hint, closes and must then end by itself: a timer or a
// connection left behind would keep it alive.
const { url } = JSON.parse(process.argv[2] ?? "") as { url: string };
const dispatcher = await openRedisDispatcher({
  connection: fixedSource(url),
  log: silentLog,
  clock: systemClock,
});
await new Promise<void>((resolve, reject) => {
  const serving = (["urgent", "planned", "sweep"] as const).map((lane) =>
    dispatcher.serve(lane, 2, async () => resolve()),
  );
  Promise.all(serving)
    .then(() => dispatcher.invite("urgent", { kind: "case", id: "closing", generation: 1 }))
    .catch(reject);
});
await dispatcher.close();
process.stdout.write("closed\n");
