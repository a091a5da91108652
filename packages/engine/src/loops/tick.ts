import {
  Fault,
  lanes,
  signalId,
  toRfc3339,
  type Dispatcher,
  type ReceivedSignal,
} from "@rekey/domain";
import type { EngineParts } from "../parts.ts";
import type { IntakeParts } from "./intake.ts";
import { inviteDue } from "./worker.ts";

/** Scheduled rotations opened per tick. */
const scheduleBatchMax = 100;

/** What every process says of itself. */
export interface BeatParts extends Pick<
  EngineParts,
  "ledger" | "clock" | "worker" | "providerShare"
> {
  readonly kinds: readonly string[];
  readonly build: string;
}

export interface InviteParts extends Pick<EngineParts, "ledger" | "log"> {
  readonly dispatcher: Dispatcher;
}

/** What the clock's round needs: nothing of it touches a provider. */
export interface SchedulerParts
  extends BeatParts, InviteParts, Pick<IntakeParts, "newId" | "capabilities"> {
  readonly digest: (signal: ReceivedSignal["signal"]) => string;
}

/** Everything that a process of every kind needs. */
export interface TickParts extends IntakeParts, SchedulerParts {}

/** The process lives; answers the ledger's time and how many processes do. Its share of calls is among those that call. */
export const beat = async ({
  ledger,
  clock,
  worker,
  kinds,
  build,
  providerShare,
}: BeatParts): ReturnType<BeatParts["ledger"]["beat"]> => {
  const beaten = await ledger.beat({ id: worker, kinds, build, monotonicMs: clock.monotonicMs() });
  providerShare?.divideBy(beaten.calling);
  return beaten;
};

/**
 * The clock's round: beat, see whether the ledger is where it was, open what is due by age, invite what is due, number
 * what was audited (readers do so too, but not where nobody reads), and forget tokens that nothing needs any more.
 */
export const tick = async (
  parts: SchedulerParts,
): Promise<{ readonly invited: number; readonly scheduled: number }> => {
  const { now } = await beat(parts);
  await parts.ledger.compareIdentity();
  const scheduled = await openScheduled(parts, now);
  const invited = await inviteAll(parts);
  await parts.ledger.numberAuditEvents();
  await parts.ledger.forgetTokens();
  return { invited, scheduled };
};

/**
 * Hints for what is due in every lane. A dispatcher that is away stops nothing: lanes claim straight from the ledger, and
 * whoever wired it says that it is away, once.
 */
export const inviteAll = async (parts: InviteParts): Promise<number> => {
  let invited = 0;
  try {
    if (await parts.dispatcher.lostContents())
      parts.log.warn("the dispatcher lost its contents: what is due is invited again", {});
    for (const lane of lanes) invited += await inviteDue(parts, parts.dispatcher, lane);
  } catch (error) {
    if (!(error instanceof Fault) || error.code !== "JOBS_UNREACHABLE") throw error;
  }
  return invited;
};

/** A credential past its age becomes a signal like any other: one campaign per policy and day. */
const openScheduled = async (parts: SchedulerParts, now: number): Promise<number> => {
  const due = await parts.ledger.dueForSchedule(scheduleBatchMax);
  if (due.length === 0) return 0;
  const signals = due.map(({ credential, version, policy }): ReceivedSignal => {
    const eventId = `${credential}#${version}@${toRfc3339(now).slice(0, 10)}`;
    const signal: ReceivedSignal["signal"] = {
      eventId,
      kind: "schedule",
      disposition: "act",
      effect: "rotate",
      locators: [{ scheme: "rekey", value: credential }],
      public: false,
      severity: "info",
      confidence: "unknown",
      occurredAt: now,
      confidentiality: "open",
      dedupeKey: eventId,
      reason: `older than policy ${policy} allows`,
      source: { system: "rekey", feed: "schedule", rawDigest: "" },
    };
    const identity = { ...signal, occurredAt: 0 };
    return {
      id: signalId(parts.newId()),
      signal,
      canonicalDigest: parts.digest(identity),
      authentication: { producer: "rekey", method: "none", trusted: true },
      coordinates: "tick",
    };
  });
  await parts.ledger.admit({ signals, capabilities: parts.capabilities, worker: parts.worker });
  return signals.length;
};
