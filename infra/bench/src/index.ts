export { runBench } from "./run-bench.ts";
export type { BenchOptions } from "./run-bench.ts";
export type { Figures } from "./report/figures.ts";
