import { argv, env } from "node:process";
import { runUp } from "@rekey/app";
import { failpointVariable, killingFailpoint } from "./run/failpoint.ts";

// `rekey up` and nothing else, but that a named line may kill it: see run/failpoint.ts.
const { [failpointVariable]: armed, ...environment } = env;
if (armed === undefined || argv[2] === undefined)
  throw new TypeError(
    `usage: ${failpointVariable}=<file> rekey-with-failpoints.main.ts <rekey.yaml>`,
  );

// Whoever started this process may be killed too: the end of its pipe says so. The pipe alone keeps nothing alive.
process.stdin.once("end", () => process.kill(process.pid, "SIGTERM")).resume();
process.stdin.unref();
await runUp({ configFile: argv[2], environment, process, failpoint: killingFailpoint(armed) });
