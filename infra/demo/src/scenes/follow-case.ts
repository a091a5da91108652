import { apiRoutes, type auditEventView } from "@rekey/contracts";
import type { z } from "zod";
import type { CaseDetail } from "../report/case-row.ts";
import { until } from "../run/until.ts";
import type { World } from "./world.ts";

export type AuditEvent = z.output<typeof auditEventView>;

interface Followed {
  readonly detail: CaseDetail;
  readonly events: readonly AuditEvent[];
}

interface FollowOptions {
  readonly id: string;
  /** Called with every audit event of the case, in order. */
  readonly onEvent: (event: AuditEvent) => void;
  readonly note: (text: string) => void;
}

type FollowWorld = Pick<World, "api" | "signal">;

const closedMsMax = 240_000;
const pollMs = "1000";

/** Follows a case until it is closed. A gateway that is away for a while is asked again. */
export const followCase = async (
  { api, signal }: FollowWorld,
  { id, onEvent, note }: FollowOptions,
): Promise<Followed> => {
  const events: AuditEvent[] = [];
  let after: string | undefined;
  const question = { what: `case ${id} to close`, withinMs: closedMsMax, everyMs: 5, signal };
  return await until(question, async () => {
    const query = { waitMs: pollMs, ...(after !== undefined && { after }) };
    const seen = await api
      .call(apiRoutes.cases.watch, { params: { case: id }, query, signal })
      .catch(awayOrThrow);
    if (seen === undefined) return undefined;
    after = seen.next;
    for (const event of seen.events) onEvent(event);
    events.push(...seen.events);
    note(waitingFor(seen.detail));
    refuseHalt(seen.detail);
    return seen.detail.case.state.at === "closed" ? { detail: seen.detail, events } : undefined;
  });
};

/** A process that was killed answers nothing; what the gateway itself says is no such thing. */
const awayOrThrow = (error: unknown): undefined => {
  const { code } = error as { readonly code?: unknown };
  if (code === "ENOENT" || code === "ECONNREFUSED" || code === "ECONNRESET") return undefined;
  throw error;
};

const waitingFor = ({ case: subject, rotations }: CaseDetail): string => {
  const rotation = rotations.find(({ state }) => state.at === "waiting");
  if (rotation?.state.at === "waiting") return rotation.state.reason;
  return subject.state.at === "waiting" ? subject.state.reason : "";
};

/** Nobody is there to help: what waits for a person here is a failure of the demonstration. */
const refuseHalt = ({ case: subject, rotations }: CaseDetail): void => {
  for (const { state } of [subject, ...rotations])
    if (state.at === "halted")
      throw new Error(
        `halted: ${state.halt.code}, ${state.halt.reason}; ${state.halt.nextSafeAction}`,
      );
};

const openedMsMax = 90_000;
const listMax = "200";

/** The newest case of this kind about something whose name begins so; waits until there is one. */
export const findCase = async (
  { api, signal }: FollowWorld,
  wanted: { readonly kind: string; readonly about: string; readonly since: number },
): Promise<CaseDetail["case"]> =>
  await until({ what: `a case about ${wanted.about}`, withinMs: openedMsMax, signal }, async () => {
    const found = await casesOf({ api, signal }, wanted);
    return found.find(({ openedAt }) => openedAt >= wanted.since);
  });

/** Every case of this kind about something whose name begins so, the newest first. */
export const casesOf = async (
  { api, signal }: FollowWorld,
  { kind, about }: { readonly kind: string; readonly about: string },
): Promise<readonly CaseDetail["case"][]> => {
  const { cases } = await api.call(apiRoutes.cases.list, { query: { limit: listMax }, signal });
  return cases.filter((one) => one.kind === kind && one.about.startsWith(about));
};
