import { argv, env } from "node:process";
import { runService } from "@rekey/app";

await runService({ kind: "gateway", words: argv.slice(2), environment: env, process });
