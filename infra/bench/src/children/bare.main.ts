import { openEngine } from "@rekey/app";
import { createShutdown, silentLog, systemClock } from "@rekey/runtime";
import { bareCalls } from "./bare-calls.ts";
import { serve } from "./protocol.ts";

const [configFile = ""] = process.argv.slice(2);
const shutdown = createShutdown({ log: silentLog, clock: systemClock, process });
const { issuers, stores } = await openEngine({
  configFile,
  environment: process.env,
  log: silentLog,
  shutdown,
});
const [issuer] = issuers.values();
const [store] = stores.values();
if (issuer === undefined || store === undefined)
  throw new Error("an issuer and a store are measured");
serve(bareCalls({ issuer, store }));
