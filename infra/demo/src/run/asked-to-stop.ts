import { once } from "node:events";

/** Resolves at SIGTERM, SIGINT, or when whoever started this process is gone: its end of stdin closes then. */
export const untilAskedToStop = async (): Promise<void> => {
  const signals = ["SIGTERM", "SIGINT"] as const;
  process.stdin.resume();
  await Promise.race([...signals.map((name) => once(process, name)), once(process.stdin, "close")]);
  process.stdin.destroy();
};
