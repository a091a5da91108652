import { apiRoutes } from "@rekey/contracts";
import { hour, parseDuration } from "@rekey/domain";
import { InvalidArgumentError } from "commander";
import type { AddCommand, Context } from "../context.ts";
import { CommandFailure, exitCodes } from "../failure.ts";
import { eventLine, waitedFor } from "../format/event-line.ts";
import type { CaseDetail } from "../format/state.ts";
import { seconds } from "../format/time.ts";
import { findCase } from "./find.ts";
import { pageRows } from "./pages.ts";

const timeoutDefaultMs = 24 * hour;
/** One long poll: below what the gateway allows. */
const pollMs = 20_000;

/** Follows a case live. */
export const addCaseWatch: AddCommand = (parent, context) => {
  parent
    .command("watch")
    .description("follow a case step by step until it is closed (exit 0) or halted (exit 4)")
    .argument("<case>", "its id, the end of it, or what it is about")
    .option("--timeout <duration>", "give up after this long, such as 10 m", duration)
    .action(async (text: string, { timeout }: { timeout?: number }) => {
      const id = await findCase(context, text);
      await watchCase(context, { id, ...(timeout !== undefined && { timeoutMs: timeout }) });
    });
};

const duration = (text: string): number => {
  const milliseconds = parseDuration(text);
  if (milliseconds !== undefined) return milliseconds;
  throw new InvalidArgumentError("must be a number and a unit, such as 30 s, 10 m or 2 h");
};

interface Watched {
  readonly id: string;
  readonly timeoutMs?: number;
}

/** One line per event, with the time since the case was opened. Throws when it halts, or when time is over. */
export const watchCase = async (
  context: Context,
  { id, timeoutMs = timeoutDefaultMs }: Watched,
): Promise<void> => {
  const { terminal, clock } = context;
  const until = clock.monotonicMs() + timeoutMs;
  let seen = await look(context, id, { waitMs: 0 });
  for (;;) {
    const end = seen.isWhole ? endOf(seen.detail) : undefined;
    if (end !== undefined) {
      // The case was read after its events: the last of them may have come in between.
      await look(context, id, { after: seen.next, waitMs: 0 });
      return tellEnd(context, seen.detail, end);
    }
    const leftMs = until - clock.monotonicMs();
    if (leftMs <= 0) throw late(seen.detail, timeoutMs);
    if (seen.isWhole) terminal.status(statusOf(context, seen.detail));
    const waitMs = Math.ceil(Math.min(pollMs, leftMs));
    seen = await look(context, id, { after: seen.next, waitMs });
  }
};

interface Seen {
  readonly detail: CaseDetail;
  readonly next: string | undefined;
  /** False when there are more events to read at once. */
  readonly isWhole: boolean;
}

const look = async (
  context: Context,
  id: string,
  { after, waitMs }: { readonly after?: string | undefined; readonly waitMs: number },
): Promise<Seen> => {
  const { terminal } = context;
  const position = { waitMs: String(waitMs), ...(after !== undefined && { after }) };
  const query = { limit: String(pageRows), ...position };
  const asked = { params: { case: id }, query };
  const { value, wire } = await context.client().call(apiRoutes.cases.watch, asked);
  const { detail, events, next } = value;
  const raw = (wire as { events: unknown[] }).events;
  for (const [index, event] of events.entries()) {
    const line = eventLine(event, detail.case.openedAt, terminal.paint);
    if (context.wantsJson()) terminal.jsonLine(raw[index]);
    else if (line !== undefined) terminal.line(line);
  }
  return { detail, next, isWhole: events.length < pageRows };
};

type End = "closed" | { readonly halt: Halt };
type Halt = Extract<CaseDetail["case"]["state"], { at: "halted" }>["halt"];

/** It ended when it is closed, or when it or all that still serves it stopped for a person. */
const endOf = ({ case: { state }, rotations }: CaseDetail): End | undefined => {
  if (state.at === "closed") return "closed";
  if (state.at === "halted") return { halt: state.halt };
  const active = rotations.filter(({ endedAt }) => endedAt === undefined);
  const [first] = active.flatMap((one) => (one.state.at === "halted" ? [one.state.halt] : []));
  const isAll = active.every((one) => one.state.at === "halted");
  return first !== undefined && isAll ? { halt: first } : undefined;
};

const tellEnd = (context: Context, { case: shown }: CaseDetail, end: End): void => {
  const { terminal } = context;
  terminal.status("");
  if (end !== "closed")
    throw new CommandFailure(`${shown.about} halted: ${end.halt.reason}`, {
      exitCode: exitCodes.halted,
      code: end.halt.code,
      next: end.halt.nextSafeAction,
    });
  if (shown.state.at !== "closed" || context.wantsJson()) return;
  const { outcome, reason } = shown.state;
  const took = seconds((shown.closedAt ?? shown.openedAt) - shown.openedAt);
  terminal.line(
    `${took.padStart(9)}  ${"case".padEnd(22)}  ${terminal.paint.good(outcome)}: ${reason}`,
  );
};

const late = ({ case: shown }: CaseDetail, timeoutMs: number): CommandFailure =>
  new CommandFailure(`${shown.about} was not closed within ${seconds(timeoutMs)}`, {
    exitCode: exitCodes.refused,
    next: `\`rekey case show ${shown.id}\` shows what it waits for`,
  });

const statusOf = ({ clock, terminal }: Context, { case: shown, rotations }: CaseDetail): string => {
  const since = seconds(clock.now() - shown.openedAt);
  const doing = rotations.flatMap(({ credential, open, state }) => {
    if (open !== undefined) return [`${credential} ${open.key}`];
    return state.at === "waiting" ? [`${credential} waits for ${state.for}`] : [];
  });
  const own = shown.state.at === "waiting" ? `waits for ${waitedFor(shown.state.for)}` : shown.step;
  return terminal.paint.quiet(
    `${since}  ${doing.length === 0 ? own : doing.slice(0, 3).join(", ")}`,
  );
};
