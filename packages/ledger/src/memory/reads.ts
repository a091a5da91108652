import {
  caseWaitReasons,
  day,
  isTerminal,
  laneOf,
  waitReasons,
  type Backlog,
  type DueWork,
  type Lane,
  type Ledger,
  type Obligation,
  type ScopedCredential,
  type ScopeQuery,
  type Standing,
} from "@rekey/domain";
import { laneOfCase, inDueOrder, scopedOf } from "../commands/read-views.ts";
import type { Draft } from "../rows/draft.ts";
import { dueAtOf, type HoldColumns } from "../rows/rows.ts";
import { pauseOf, policyOf } from "../commands/views.ts";

const isFree = (row: HoldColumns | undefined, now: number): row is HoldColumns =>
  row !== undefined && row.holdUntil < now;

/** What may be claimed in a lane before `until`, earliest first. */
export const dueWork = (draft: Draft, lane: Lane, until: number): readonly DueWork[] =>
  [...dueRotations(draft, lane), ...dueCases(draft, lane), ...dueWatches(draft, lane)]
    .filter((work) => work.dueAt <= until)
    .sort(inDueOrder);

const dueRotations = (draft: Draft, lane: Lane): readonly DueWork[] =>
  draft.rows("rotations").flatMap((row) => {
    const hold = draft.get("holds", row.credential);
    if (isTerminal(row) || laneOf(row) !== lane || !isFree(hold, draft.now)) return [];
    return [{ kind: "rotation", id: row.id, generation: hold.fence, dueAt: dueAtOf(row) }];
  });

const dueCases = (draft: Draft, lane: Lane): readonly DueWork[] =>
  draft.rows("cases").flatMap((row) => {
    if (row.state.at === "closed" || laneOfCase(row) !== lane || !isFree(row, draft.now)) return [];
    return [{ kind: "case", id: row.id, generation: row.fence, dueAt: dueAtOf(row) }];
  });

const dueWatches = (draft: Draft, lane: Lane): readonly DueWork[] =>
  draft.rows("watches").flatMap((row) => {
    const hold = draft.get("holds", row.credential);
    if (row.state !== "watching" || lane !== "sweep" || !isFree(hold, draft.now)) return [];
    return [{ kind: "watch", id: row.id, generation: hold.fence, dueAt: row.dueAt }];
  });

type Scheduled = Awaited<ReturnType<Ledger["dueForSchedule"]>>;

/** Declared credentials whose current version is older than their policy allows, and that nothing renews yet. */
export const dueForSchedule = (draft: Draft, limit: number): Scheduled =>
  draft
    .rows("credentials")
    .flatMap((row) => {
      const policy = policyOf(draft, row.policy);
      const current = draft
        .rows("versions")
        .find((version) => version.credential === row.id && version.label === "current");
      const since = current?.promotedAt ?? current?.mintedAt;
      if (current === undefined || since === undefined || policy?.rotateAfterMs === undefined)
        return [];
      const dueAt = since + policy.rotateAfterMs;
      const ended = draft.get("holds", row.id)?.ended === true;
      if (!row.declared || ended || dueAt > draft.now || isBeingRenewed(draft, row.id)) return [];
      return [{ credential: row.id, version: current.number, policy: row.policy, dueAt }];
    })
    .sort(
      (left, right) => left.dueAt - right.dueAt || (left.credential < right.credential ? -1 : 1),
    )
    .slice(0, limit);

const isBeingRenewed = (draft: Draft, credential: string): boolean =>
  draft.rows("rotations").some((row) => row.credential === credential && !isTerminal(row)) ||
  draft.rows("caseItems").some((item) => {
    const subject = draft.get("cases", item.case);
    return (
      item.credential === credential &&
      item.outcome !== "ended" &&
      subject?.kind === "campaign" &&
      subject.state.at !== "closed"
    );
  });

export const scope = (draft: Draft, query: ScopeQuery): readonly ScopedCredential[] =>
  draft
    .rows("credentials")
    .filter((row) => query.after === undefined || row.id > query.after)
    .filter((row) =>
      query.identity === undefined
        ? row.endsWith !== undefined && row.consumers.some((id) => isService(draft, id, query))
        : row.identity === query.identity,
    )
    .sort((left, right) => (left.id < right.id ? -1 : 1))
    .slice(0, query.limit)
    .flatMap((row) => scopedOf(draft, row, query) ?? []);

const isService = (draft: Draft, id: string, query: ScopeQuery): boolean => {
  const consumer = draft.get("consumers", id);
  return consumer?.service === query.service && consumer?.environment === query.environment;
};

export const backlog = (draft: Draft): Backlog => {
  const open = draft.rows("obligations").filter((owed) => owed.settledAt === undefined);
  const oldest = Math.min(...open.map((owed) => owed.openedAt));
  const uncontained = open.filter((owed) => isUncontained(draft, owed));
  const sinceMs = draft.now - Math.min(...uncontained.map((owed) => owed.openedAt));
  return {
    due: {
      urgent: dueWork(draft, "urgent", draft.now).length,
      planned: dueWork(draft, "planned", draft.now).length,
      sweep: dueWork(draft, "sweep", draft.now).length,
    },
    ...(open.length === 0 ? {} : { oldestDebtMs: draft.now - oldest }),
    ...(uncontained.length === 0 ? {} : { oldestUncontainedMs: sinceMs }),
    debtOpen: open.length,
    outboxUnsent: draft.rows("outbox").length,
  };
};

export const standing = (draft: Draft): Standing => {
  const rotations = draft.rows("rotations").map(({ state }) => state);
  const cases = draft.rows("cases").map(({ state }) => state);
  const { paused, all } = pauseOf(draft);
  const halted = (states: readonly { readonly at: string }[]): number =>
    states.filter(({ at }) => at === "halted").length;
  return {
    rotationsHalted: halted(rotations),
    rotationsWaiting: countsOf(waitReasons, (reason) =>
      rotations.filter((state) => state.at === "waiting" && state.for === reason),
    ),
    casesHalted: halted(cases),
    casesWaiting: countsOf(caseWaitReasons, (reason) =>
      cases.filter((state) => state.at === "waiting" && state.for === reason),
    ),
    gatesShut: draft
      .rows("gates")
      .filter(({ state }) => state !== "open")
      .map(({ issuer }) => issuer)
      .sort(),
    pause: { paused, all },
  };
};

const countsOf = <Reason extends string>(
  reasons: readonly Reason[],
  having: (reason: Reason) => readonly unknown[],
): Readonly<Record<Reason, number>> =>
  Object.fromEntries(reasons.map((reason) => [reason, having(reason).length])) as Record<
    Reason,
    number
  >;

/** What leaked and has to die, until it was refused when tried. */
const isUncontained = (draft: Draft, { credential, version }: Obligation): boolean => {
  const leaked = draft.get("versions", `${credential}#${version}`);
  return (
    leaked?.exposedAt !== undefined &&
    leaked.containedAt === undefined &&
    leaked.provenDeadAt === undefined
  );
};

/** A process that has not beaten for this long is dead; one that has not for a day is forgotten. */
export const processDeadMs = 10_000;
export const processForgottenMs = day;
