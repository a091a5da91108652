import { runTimedService } from "./timed-service.ts";

await runTimedService("intake", ["rotator", "scheduler", "relay", "gateway"]);
