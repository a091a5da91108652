import { silentLog, systemClock, fixedSource } from "@rekey/runtime";
import { openRedisDispatcher } from "./open.ts";

// A process that serves until it performed a hint, or until the server refused each lane something, closes and must
// then end by itself: a timer or a connection left behind would keep it alive.
const { url, until } = JSON.parse(process.argv[2] ?? "") as {
  url: string;
  until: "performed" | "refused";
};
const lanes = ["urgent", "planned", "sweep"] as const;
const refused = new Set<unknown>();
let goOn = (): void => undefined;
const over = new Promise<void>((resolve) => {
  goOn = resolve;
});
const dispatcher = await openRedisDispatcher({
  connection: fixedSource(url),
  log: {
    ...silentLog,
    debug: (_message, fields) => {
      refused.add(fields?.lane);
      if (until === "refused" && refused.size === lanes.length) goOn();
    },
  },
  clock: systemClock,
});
for (const lane of lanes) await dispatcher.serve(lane, 2, async () => goOn());
if (until === "performed") {
  await dispatcher.invite("urgent", { kind: "case", id: "closing", generation: 1 });
}
await over;
await dispatcher.close();
process.stdout.write("closed\n");
