import { apiRoutes, type acceptedReply } from "@rekey/contracts";
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

/** What became of accepted reports, as far as it is known within a moment. */
const outcomesOf = async (
  context: Context,
  accepted: Accepted["accepted"],
): Promise<readonly SignalShown[]> => {
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

/** Shows what became of a report; a report of which nothing was taken is a failure. */
export const showAccepted = async (
  context: Context,
  { value, wire }: { readonly value: Accepted; readonly wire: unknown },
): Promise<readonly SignalShown[]> => {
  const { terminal } = context;
  if (context.wantsJson()) terminal.json(wire);
  const outcomes = value.accepted.length === 0 ? [] : await outcomesOf(context, value.accepted);
  if (!context.wantsJson()) {
    terminal.line(`accepted ${value.accepted.length}, refused ${value.refused.length}`);
    for (const text of new Set(outcomes.map(outcomeText))) terminal.line(`  ${text}`);
    const later = value.accepted.length - outcomes.length;
    if (later > 0) terminal.line(`  ${later} not decided yet: see \`rekey case list\``);
  }
  refuseWhole(value, outcomes);
  return outcomes;
};

const outcomeText = ({ outcome, reason, case: about }: SignalShown): string =>
  `${outcome}: ${reason}${about === undefined ? "" : `  ${about}`}`;

/** What intake refused was shown above with its reason; what the gateway could not use has only its place. */
const refuseWhole = (value: Accepted, outcomes: readonly SignalShown[]): void => {
  const bad = outcomes.filter(({ outcome }) => outcome === "refused" || outcome === "quarantined");
  const count = value.refused.length + bad.length;
  if (count === 0) return;
  const whole = value.accepted.length + value.refused.length;
  throw new CommandFailure(`${count} of ${whole} reported was refused`, {
    exitCode: exitCodes.refused,
    problems: value.refused,
    next: "`rekey case list --refused` lists what was refused and why",
  });
};
