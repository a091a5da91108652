import { apiRoutes, type acceptedReply } from "@rekey/contracts";
import { signalOutcomes } from "@rekey/domain";
import type { z } from "zod";
import type { Context } from "../context.ts";
import { CommandFailure, exitCodes } from "../failure.ts";

type Accepted = z.output<typeof acceptedReply>;
type SignalShown = z.output<typeof apiRoutes.cases.signals.reply>["signals"][number];

/** A report is durable when it is accepted; what becomes of it is usually known within moments. */
const outcomeWaitMs = 3_000;
const lookMs = 100;
/** The newest signals that are looked through. */
const signalsMax = 200;

/** What became of accepted reports, as far as it is known within a moment; undefined where the caller may not look. */
const outcomesOf = async (
  context: Context,
  accepted: Accepted["accepted"],
): Promise<readonly SignalShown[] | undefined> => {
  try {
    return await lookFor(context, accepted);
  } catch (error) {
    // Who may only report is told that the report arrived: it has.
    if (error instanceof CommandFailure && error.code === "NOT_AUTHORISED") return undefined;
    throw error;
  }
};

const lookFor = async (
  context: Context,
  accepted: Accepted["accepted"],
): Promise<readonly SignalShown[]> => {
  if (accepted.length === 0) return [];
  const ids = new Set(accepted.map(({ eventId }) => eventId));
  const expected = Math.min(ids.size, signalsMax);
  const until = context.clock.monotonicMs() + outcomeWaitMs;
  for (;;) {
    const query = { limit: String(signalsMax) };
    const { value } = await context.client().call(apiRoutes.cases.signals, { query });
    const found = value.signals.filter(({ eventId }) => ids.has(eventId));
    if (found.length >= expected || context.clock.monotonicMs() >= until) return found;
    await context.clock.sleep(lookMs);
  }
};

/** Shows what became of a report; a report of which anything was refused is a failure. */
export const showAccepted = async (
  context: Context,
  { value, wire }: { readonly value: Accepted; readonly wire: unknown },
): Promise<readonly SignalShown[]> => {
  const { terminal } = context;
  const seen = await outcomesOf(context, value.accepted);
  const outcomes = seen ?? [];
  if (context.wantsJson())
    terminal.json({ ...(wire as object), ...(seen && { outcomes: seen.map(wireOf) }) });
  else {
    terminal.line(countsText(value, outcomes, seen === undefined ? notAllowed : notDecided));
    for (const text of new Set(outcomes.map(outcomeText))) terminal.line(`  ${text}`);
  }
  refuseWhole(value, outcomes);
  return outcomes;
};

const notDecided = "not decided yet: see `rekey case list`";
const notAllowed =
  "accepted; what becomes of it cannot be looked up with this role: that needs viewer";

const wireOf = ({ eventId, outcome, reason, case: about }: SignalShown): object => ({
  eventId,
  outcome,
  reason,
  ...(about !== undefined && { case: about }),
});

/** `received 3: 2 opened, 1 refused`; alone, the line below says it. */
const countsText = (
  value: Accepted,
  outcomes: readonly SignalShown[],
  laterText: string,
): string => {
  const whole = value.accepted.length + value.refused.length;
  const later = value.accepted.length - outcomes.length;
  const unread = (outcome: string): number => (outcome === "refused" ? value.refused.length : 0);
  const parts = [
    ...signalOutcomes.map((outcome): readonly [number, string] => [
      outcomes.filter((one) => one.outcome === outcome).length + unread(outcome),
      outcome,
    ]),
    [later, laterText] as const,
  ].filter(([count]) => count > 0);
  if (whole === 1 && outcomes.length === 1) return "received 1";
  const text = parts.map(([count, outcome]) => `${count} ${outcome}`).join(", ");
  return `received ${whole}${text === "" ? "" : `: ${text}`}`;
};

const outcomeText = ({ outcome, reason, case: about }: SignalShown): string =>
  `${outcome}: ${reason}${about === undefined ? "" : `  ${about}`}`;

/** What intake refused was shown above with its reason; what the gateway could not use has only its place. */
const refuseWhole = (value: Accepted, outcomes: readonly SignalShown[]): void => {
  const bad = outcomes.filter(({ outcome }) => outcome === "refused" || outcome === "quarantined");
  const count = value.refused.length + bad.length;
  if (count === 0) return;
  const whole = value.accepted.length + value.refused.length;
  const verb = count === 1 ? "was" : "were";
  throw new CommandFailure(`${count} of ${whole} reported ${verb} refused`, {
    exitCode: exitCodes.refused,
    problems: value.refused,
    next: "`rekey case list --refused` lists what was refused and why",
  });
};
