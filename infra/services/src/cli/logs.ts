import { open, readdir, type FileHandle } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { ServiceKind } from "../kinds.ts";
import type { ServicesContext } from "./context.ts";

interface LogsOptions {
  readonly kinds: readonly ServiceKind[];
  readonly follow: boolean;
}

const tailBytesMax = 64 * 1024;
const tailLinesMax = 50;
const readBytesMax = 1024 * 1024;
const lookEveryMs = 250;

/** The end of each log, its name before each line; with `follow` what comes next too, until the signal. */
export const logs = async (
  { kinds, follow }: LogsOptions,
  { folder, out }: Pick<ServicesContext, "folder" | "out">,
  signal: AbortSignal,
): Promise<void> => {
  const names = (await readdir(join(folder, "logs")).catch(() => []))
    .filter((name) => kinds.some((kind) => name.startsWith(`${kind}-`)))
    .toSorted();
  const width = Math.max(0, ...names.map((name) => name.length)) - ".log".length;
  const tails = await Promise.all(
    names.map(async (name) => {
      const label = name.replace(/\.log$/, "").padEnd(width);
      const show = (line: string): void => out(`${label} | ${line}\n`);
      return await openTail(join(folder, "logs", name), show);
    }),
  );
  try {
    while (follow && !signal.aborted) {
      await pause(lookEveryMs, undefined, { signal }).catch(() => undefined);
      for (const tail of tails) await tail.more();
    }
  } finally {
    await Promise.all(tails.map(async (tail) => await tail.close()));
  }
};

interface Tail {
  more(): Promise<void>;
  close(): Promise<void>;
}

/** Shows the last lines at once. What has no end of line yet is read again when it has one. */
const openTail = async (file: string, show: (line: string) => void): Promise<Tail> => {
  const log = await open(file, "r");
  const { size } = await log.stat();
  let at = Math.max(0, size - tailBytesMax);
  const take = async (): Promise<string[]> => {
    const { text, length } = await readFrom(log, at);
    at += length;
    return text.split("\n").slice(0, -1);
  };
  (await take()).slice(-tailLinesMax).forEach(show);
  return {
    more: async () => (await take()).forEach(show),
    close: async () => await log.close(),
  };
};

const readFrom = async (
  log: FileHandle,
  at: number,
): Promise<{ readonly text: string; readonly length: number }> => {
  const { buffer, bytesRead } = await log.read(Buffer.alloc(readBytesMax), 0, readBytesMax, at);
  // Whole lines only: a character may be cut at the end.
  const end = buffer.subarray(0, bytesRead).lastIndexOf(0x0a) + 1;
  return { text: buffer.toString("utf8", 0, end), length: end };
};
