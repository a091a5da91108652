import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { stopOrphan } from "@rekey/runtime";
import { composeForget, composeStop } from "../compose/engine.ts";
import { StackFault } from "../fault.ts";
import { waitUntilGone } from "../process/identity.ts";
import { folderOf, type StackContext } from "./context.ts";
import { stackParts, type StackPart } from "./parts.ts";
import { composeMark } from "./compose.ts";
import { isRunning, type PartRecord } from "./state.ts";
import type { Doing } from "./progress.ts";

const termMaxMs = 20_000;
const killMaxMs = 5_000;

/** Stops what `up` started, and nothing else; data is kept. */
export const down = async (parts: readonly StackPart[], context: StackContext): Promise<void> => {
  const records = context.state.list().filter(({ part }) => parts.includes(part));
  if (records.length === 0) context.progress.say("  nothing of it runs");
  await Promise.all(
    records.map((record) =>
      context.progress.during(stopping(record), () => stopRecorded(record, context)),
    ),
  );
};

const stopping = ({ part }: PartRecord): Doing => ({
  doing: `stopping ${part}`,
  done: `${part} stopped`,
});

/** The recorded process itself or its container; one that has ended is only forgotten. */
export const stopRecorded = async (record: PartRecord, context: StackContext): Promise<void> => {
  if (record.how === "compose") await composeStop(context, [record.part]);
  else await stopProcess(record);
  if (record.part === "postgres" || record.part === "target") {
    // The server of a keeper that was killed.
    await stopOrphan(folderOf(context, record)).catch(() => false);
  }
  await context.state.remove(record.part);
};

const stopProcess = async (record: PartRecord): Promise<void> => {
  const pid = record.process?.pid;
  if (pid === undefined || !(await isRunning(record))) return;
  process.kill(pid, "SIGTERM");
  // A paused one would keep SIGTERM waiting.
  process.kill(pid, "SIGCONT");
  if (await waitUntilGone(pid, termMaxMs)) return;
  process.kill(pid, "SIGKILL");
  if (await waitUntilGone(pid, killMaxMs)) return;
  throw new StackFault("START_FAILED", `${record.part} (pid ${pid}) could not be ended`);
};

/** Deletes data, keys and logs of these parts; what is installed stays. */
export const forget = async (parts: readonly StackPart[], context: StackContext): Promise<void> => {
  const contained = parts.filter((part) => existsSync(composeMark(context, part)));
  if (contained.length > 0) await composeForget(context, contained);
  for (const part of parts) {
    for (const name of [part, `${part}-sasl`, join("compose", part)]) {
      await rm(join(context.folder, name), { recursive: true, force: true });
    }
  }
  const all = stackParts.every((part) => parts.includes(part));
  if (all) await rm(join(context.folder, "postgres-programs"), { recursive: true, force: true });
};
