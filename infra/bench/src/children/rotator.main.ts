import { runTimedService } from "./timed-service.ts";

await runTimedService("rotator");
