import { pbkdf2 } from "node:crypto";
import { systemClock } from "../clock/system-clock.ts";
import { createLog } from "../logger/logger.ts";
import { createShutdown } from "./shutdown.ts";

// A slow machine in small: what writes the log is busy with something else when the process stops.
const rounds = 50_000;

const log = createLog();
const shutdown = createShutdown({ log, clock: systemClock, process });
shutdown.onStop("database", () => {
  pbkdf2("busy", "busy", rounds, 32, "sha256", () => {});
  log.info("database stopped");
});
await shutdown.stop("a test");
