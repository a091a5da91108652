import { runService } from "@rekey/app";
import { killingFailpoint } from "../../processes/failpoint.fixture.ts";
import { failpointsVariable, kindVariable } from "./failpoints.ts";

// One of the five services and nothing else, but that a line named in a file may kill it.
const { [kindVariable]: kind, [failpointsVariable]: armed, ...environment } = process.env;
if (kind === undefined || armed === undefined)
  throw new TypeError(`usage: ${kindVariable}=<kind> ${failpointsVariable}=<file> …`);

await runService({
  kind: kind as Parameters<typeof runService>[0]["kind"],
  words: process.argv.slice(2),
  environment,
  process,
  failpoint: killingFailpoint(armed),
});
