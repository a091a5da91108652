import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { StackFault } from "../fault.ts";
import { startTimeOf } from "../process/identity.ts";
import type { StackPart } from "./parts.ts";

/** One part that `up` started. */
export interface PartRecord {
  readonly part: StackPart;
  readonly how: "native" | "compose";
  readonly version: string;
  readonly port: number;
  readonly sasl: boolean;
  /** Natively: with the start time it names one process for ever. */
  readonly process?: { readonly pid: number; readonly startTime: string };
}

export interface StackState {
  list(): readonly PartRecord[];
  find(part: StackPart): PartRecord | undefined;
  /** Replaces what was known of the part; on disk when it resolves. */
  put(record: PartRecord): Promise<void>;
  remove(part: StackPart): Promise<void>;
}

/** What runs, in `state.json`. Throws STATE_UNREADABLE. */
export const openState = async (folder: string): Promise<StackState> => {
  const file = join(folder, "state.json");
  let records = await readRecords(file);
  let written: Promise<void> = Promise.resolve();
  const write = async (next: readonly PartRecord[]): Promise<void> => {
    records = next;
    written = written.then(async () => {
      await mkdir(folder, { recursive: true });
      await writeFile(
        `${file}.unfinished`,
        `${JSON.stringify({ parts: records }, undefined, 2)}\n`,
      );
      await rename(`${file}.unfinished`, file);
    });
    await written;
  };
  const others = (part: StackPart): readonly PartRecord[] =>
    records.filter((record) => record.part !== part);
  return {
    list: () => records,
    find: (part) => records.find((record) => record.part === part),
    put: (record) => write([...others(record.part), record]),
    remove: (part) => write(others(part)),
  };
};

const readRecords = async (file: string): Promise<readonly PartRecord[]> => {
  const text = await readFile(file, "utf8").catch(() => undefined);
  if (text === undefined) return [];
  try {
    return (JSON.parse(text) as { parts: PartRecord[] }).parts;
  } catch (cause) {
    throw new StackFault("STATE_UNREADABLE", `${file} is no JSON: delete it`, { cause });
  }
};

/** The recorded process itself, not another one that was given its pid. */
export const isRunning = async ({ process: recorded }: PartRecord): Promise<boolean> =>
  recorded !== undefined && (await startTimeOf(recorded.pid)) === recorded.startTime;

/** One `up` or `down` at a time. Throws STATE_UNREADABLE while another one works. */
export const withFolder = async <Value>(
  folder: string,
  work: () => Promise<Value>,
): Promise<Value> => {
  const lock = join(folder, "lock");
  await mkdir(folder, { recursive: true });
  const holder = await readFile(lock, "utf8").catch(() => "");
  const [pid = "", startTime] = holder.trim().split("\t");
  if (pid !== "" && (await startTimeOf(Number(pid))) === startTime) throw busy(pid);
  await rm(lock, { force: true });
  const self = `${process.pid}\t${await startTimeOf(process.pid)}\n`;
  await writeFile(lock, self, { flag: "wx" }).catch(() => {
    throw busy("another one");
  });
  try {
    return await work();
  } finally {
    await rm(lock, { force: true });
  }
};

const busy = (pid: string): StackFault =>
  new StackFault(
    "STATE_UNREADABLE",
    `process ${pid} is starting or stopping the stack: wait for it`,
  );
