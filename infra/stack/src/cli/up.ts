import { engineAnswers } from "../compose/engine.ts";
import { StackFault } from "../fault.ts";
import { locate, type InstalledPart } from "../install/locate.ts";
import { waitFor } from "../process/wait-for.ts";
import { installEach } from "./install-each.ts";
import { startCompose } from "./compose.ts";
import type { StackContext } from "./context.ts";
import { stopRecorded } from "./down.ts";
import { startNative } from "./native.ts";
import { freePortShift } from "../process/port.ts";
import { portsTaken, type StackPart } from "./parts.ts";
import { problemOf } from "./probe.ts";
import { isRunning, type PartRecord } from "./state.ts";

const answerMaxMs = 5_000;

/** Starts what does not run and answer yet. Throws a StackFault for all that could not be started. */
export const up = async (parts: readonly StackPart[], context: StackContext): Promise<void> => {
  const { progress } = context;
  const reused = await progress.during({ doing: "asking what runs" }, () =>
    Promise.all(parts.map((part) => reuse(part, context))),
  );
  const wanted = parts.filter((_, index) => reused[index] !== true);
  if (wanted.length === 0) return;
  const native = await progress.during({ doing: "looking for a container engine" }, () =>
    withoutCompose(wanted, context),
  );
  const contained = wanted.filter((part) => !native.includes(part));
  if (contained.length > 0) await startCompose(contained, context);
  await startNatively(native, await besideOthers(native, context));
};

/** With ports that are free for these parts: where another checkout's stack runs, other ones. */
const besideOthers = async (
  parts: readonly StackPart[],
  context: StackContext,
): Promise<StackContext> => {
  const { ports, askedPorts, progress } = context;
  const chosen = parts.filter((part) => askedPorts[part] === undefined);
  const needed = chosen.flatMap((part) => portsTaken(part, ports[part]));
  const { shift, because } = await freePortShift(needed);
  if (because === undefined) return context;
  progress.say(
    `  ${because}: ${chosen.join(", ")} ${chosen.length === 1 ? "gets a port" : "get ports"} ${shift} higher`,
  );
  const shifted = Object.fromEntries(chosen.map((part) => [part, ports[part] + shift]));
  return { ...context, ports: { ...ports, ...shifted } };
};

/** True when it runs as it is asked for. One that runs and does not answer is stopped. */
const reuse = async (part: StackPart, context: StackContext): Promise<boolean> => {
  const record = context.state.find(part);
  if (record === undefined) return false;
  if (record.how === "native" && !(await isRunning(record))) return false;
  requireSame(record, context);
  const answered = await waitFor(
    async () => (await problemOf(record, context)) === undefined,
    answerMaxMs,
  );
  if (!answered) await stopRecorded(record, context);
  else context.progress.say(`  ✓ ${part} runs already`);
  return answered;
};

const requireSame = (record: PartRecord, { askedPorts, sasl }: StackContext): void => {
  const { part, port } = record;
  const otherPort = port !== (askedPorts[part] ?? port) ? `on port ${port}` : undefined;
  const runsWithSasl = record.sasl ? "with SASL" : "without SASL";
  const otherSasl = part === "kafka" && record.sasl !== sasl ? runsWithSasl : undefined;
  const difference = otherPort ?? otherSasl;
  if (difference === undefined) return;
  throw new StackFault(
    "START_FAILED",
    `${part} runs ${difference} now: npx -y pnpm@10 stack down --only ${part}, or ask for it as it runs`,
  );
};

/** SASL's users are made when the folder is formatted, which the image does not offer. */
const withoutCompose = async (
  wanted: readonly StackPart[],
  context: StackContext,
): Promise<readonly StackPart[]> => {
  if (!(await engineAnswers(context))) return wanted;
  return wanted.filter((part) => part === "kafka" && context.sasl);
};

const startNatively = async (parts: readonly StackPart[], context: StackContext): Promise<void> => {
  const { progress, environment } = context;
  const missing = parts.filter(
    (part): part is StackPart & InstalledPart =>
      part !== "postgres" && part !== "target" && locate(part, environment) === undefined,
  );
  await installEach(missing, context);
  const started = await Promise.allSettled(
    parts.map((part) =>
      progress.during({ doing: `starting ${part}`, done: `${part} started` }, () =>
        startNative(part, context),
      ),
    ),
  );
  const reasons = started.flatMap((one) => (one.status === "rejected" ? [one.reason] : []));
  if (reasons.length === 0) return;
  const texts = reasons.map((reason: unknown) =>
    reason instanceof Error ? reason.message : String(reason),
  );
  throw new StackFault("START_FAILED", texts.join("\n"), { cause: reasons[0] });
};
