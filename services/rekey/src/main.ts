import { argv, env, stderr, stdin, stdout } from "node:process";
import { runCommandLine } from "./command-line.ts";

process.exitCode = await runCommandLine({
  words: argv.slice(2),
  environment: env,
  stdin,
  stdout,
  stderr,
  process,
});
