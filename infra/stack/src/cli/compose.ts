import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { composeUp } from "../compose/engine.ts";
import { keptPassword } from "../postgres/connect.ts";
import { passwordFileName } from "../postgres/settings.ts";
import { requireFreePort } from "../process/port.ts";
import { waitFor } from "../process/wait-for.ts";
import { openVault } from "../vault/open.ts";
import { vaultHealth } from "../vault/requests.ts";
import { composeVersion } from "../versions.ts";
import { folderOf, type StackContext } from "./context.ts";
import { partFacts, type StackPart } from "./parts.ts";
import { requireAnswer } from "./probe.ts";
import type { PartRecord } from "./state.ts";
import type { Doing } from "./progress.ts";

const readyMaxMs = 2 * 60_000;

/**
 * Starts parts as containers and waits until each answers. Containers have one name on a machine, so another checkout's would
 * be made anew with this one's passwords: where somebody listens already nothing is started.
 */
export const startCompose = async (
  parts: readonly StackPart[],
  context: StackContext,
): Promise<void> => {
  const { progress, state } = context;
  const records = parts.map((part) => recordOf(part, context));
  for (const { part, port } of records) await requireFreePort(port, part);
  await makePasswords(context);
  for (const { part } of records) {
    await mkdir(composeMark(context, part), { recursive: true });
  }
  await progress.during(starting(parts), (note) => composeUp(context, parts, note));
  for (const record of records) await state.put(record);
  for (const record of records) {
    await progress.during(waiting(record), () => untilAnswered(record, context));
  }
};

const starting = (parts: readonly StackPart[]): Doing => ({
  doing: `starting ${parts.join(", ")} as containers`,
  done: `${parts.join(", ")} started as containers`,
});

const waiting = ({ part }: PartRecord): Doing => ({
  doing: `waiting for ${part}`,
  done: `${part} answers`,
});

/** Keys and passwords of a container; where it is, the container's volume may be too. */
export const composeMark = (context: Pick<StackContext, "folder">, part: StackPart): string =>
  folderOf(context, { part, how: "compose", sasl: false });

const recordOf = (part: StackPart, { ports }: StackContext): PartRecord => ({
  part,
  how: "compose",
  version: composeVersion[part],
  port: ports[part],
  sasl: false,
});

// The compose file names both files, whichever service is started.
const makePasswords = async (context: StackContext): Promise<void> => {
  for (const part of ["postgres", "target"] as const) {
    await keptPassword(join(composeMark(context, part), passwordFileName));
  }
};

const untilAnswered = async (record: PartRecord, context: StackContext): Promise<void> => {
  if (record.part === "vault") await openContainer(record, context);
  await requireAnswer(record, context);
};

const openContainer = async (record: PartRecord, context: StackContext): Promise<void> => {
  const address = partFacts.vault.address(record.port);
  await waitFor(async () => (await vaultHealth(address)) !== undefined, readyMaxMs);
  const folder = folderOf(context, record);
  await openVault({ address, folder, auditFile: "/vault/logs/audit.log", keep: true });
};
