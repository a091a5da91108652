import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { startTimeOf } from "@rekey/stack";
import { ServicesFault } from "../fault.ts";
import type { ServiceKind } from "../kinds.ts";

/** One process that `up` started. */
export interface ServiceRecord {
  readonly kind: ServiceKind;
  readonly replica: number;
  readonly port: number;
  readonly pid: number;
  /** With the pid it names one process for ever. */
  readonly startTime: string;
}

/** All of them, and what they run on. */
export interface ServicesState {
  readonly configFile: string;
  /** Of its content when the first of them was started. */
  readonly configDigest: string;
  readonly services: readonly ServiceRecord[];
}

const fileOf = (folder: string): string => join(folder, "state.json");

/** Throws STATE_UNREADABLE. */
export const readState = async (folder: string): Promise<ServicesState> => {
  const text = await readFile(fileOf(folder), "utf8").catch(() => undefined);
  if (text === undefined) return { configFile: "", configDigest: "", services: [] };
  try {
    return JSON.parse(text) as ServicesState;
  } catch (cause) {
    throw new ServicesFault("STATE_UNREADABLE", `${fileOf(folder)} is no JSON: delete it`, {
      cause,
    });
  }
};

/** It appears whole or not at all. */
export const writeState = async (folder: string, state: ServicesState): Promise<void> => {
  await mkdir(folder, { recursive: true });
  const unfinished = `${fileOf(folder)}.unfinished`;
  await writeFile(unfinished, `${JSON.stringify(state, undefined, 2)}\n`);
  await rename(unfinished, fileOf(folder));
};

/** The recorded process itself, not another one that was given its pid. */
export const isRunning = async ({ pid, startTime }: ServiceRecord): Promise<boolean> =>
  (await startTimeOf(pid)) === startTime;
