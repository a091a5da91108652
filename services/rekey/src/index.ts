export { runCommandLine } from "./command-line.ts";
export type { CommandLine } from "./command-line.ts";
