import { openEngine } from "@rekey/app";
import { createShutdown, silentLog, systemClock } from "@rekey/runtime";
import { engineCalls } from "./engine-calls.ts";
import { serve } from "./protocol.ts";

const [configFile = ""] = process.argv.slice(2);
const shutdown = createShutdown({ log: silentLog, clock: systemClock, process });
serve(
  engineCalls(await openEngine({ configFile, environment: process.env, log: silentLog, shutdown })),
);
