import { apiRoutes } from "@rekey/contracts";
import { hour, parseDuration } from "@rekey/domain";
import { InvalidArgumentError } from "commander";
import type { AddCommand, Context } from "../context.ts";
import { CommandFailure, exitCodes } from "../failure.ts";
import { eventLine } from "../format/event-line.ts";
import type { CaseDetail } from "../format/state.ts";
import { seconds } from "../format/time.ts";
import { findCase } from "./find.ts";

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
  let after: string | undefined;
  for (;;) {
    const leftMs = Math.max(0, Math.min(pollMs, until - clock.monotonicMs()));
    const waitMs = String(after === undefined ? 0 : Math.floor(leftMs));
    const query = { limit: "200", waitMs, ...(after !== undefined && { after }) };
    const asked = { params: { case: id }, query };
    const { value, wire } = await context.client().call(apiRoutes.cases.watch, asked);
    const { detail, events } = value;
    const raw = (wire as { events: unknown[] }).events;
    for (const [index, event] of events.entries()) {
      const line = eventLine(event, detail.case.openedAt, terminal.paint);
      if (context.wantsJson()) terminal.jsonLine(raw[index]);
      else if (line !== undefined) terminal.line(line);
    }
    after = value.next;
    if (events.length > 0) continue;
    if (ended(context, detail)) return;
    if (clock.monotonicMs() >= until) throw late(detail, timeoutMs);
    terminal.status(statusOf(context, detail));
  }
};

/** True when it is closed; throws when it, or all that still serves it, stopped for a person. */
const ended = (context: Context, detail: CaseDetail): boolean => {
  const { state } = detail.case;
  const { terminal } = context;
  if (state.at === "closed") {
    const took = (detail.case.closedAt ?? detail.case.openedAt) - detail.case.openedAt;
    if (!context.wantsJson())
      terminal.line(
        `${seconds(took)}  ${terminal.paint.good("closed")}  ${state.outcome}: ${state.reason}`,
      );
    return true;
  }
  const active = detail.rotations.filter(({ endedAt }) => endedAt === undefined);
  const halted = [
    ...(state.at === "halted" ? [state.halt] : []),
    ...active.flatMap((rotation) => (rotation.state.at === "halted" ? [rotation.state.halt] : [])),
  ];
  const [halt] = halted;
  const goesOn = active.some((rotation) => rotation.state.at !== "halted");
  if (halt === undefined || (state.at !== "halted" && goesOn)) return false;
  terminal.status("");
  throw new CommandFailure(`${detail.case.about} halted: ${halt.reason}`, {
    exitCode: exitCodes.halted,
    code: halt.code,
    next: halt.nextSafeAction,
  });
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
  const own = shown.state.at === "waiting" ? `waits for ${shown.state.for}` : shown.step;
  return terminal.paint.quiet(
    `${since}  ${doing.length === 0 ? own : doing.slice(0, 3).join(", ")}`,
  );
};
