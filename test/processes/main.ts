import { runUp } from "@rekey/app";
import { failpointVariable, killingFailpoint } from "./failpoint.fixture.ts";

// `rekey up` and nothing else, but that a line named in a file may kill it.
const { [failpointVariable]: armed, ...environment } = process.env;
const configFile = process.argv[2];
if (armed === undefined || configFile === undefined)
  throw new TypeError(`usage: ${failpointVariable}=<file> main.ts <rekey.yaml>`);

// A test run that is killed cannot stop this process; the end of its pipe says so.
process.stdin.once("close", () => process.kill(process.pid, "SIGTERM")).resume();
await runUp({ configFile, environment, process, failpoint: killingFailpoint(armed) });
