import { apiRoutes, canonicalJson, sha256Hex } from "@rekey/contracts";
import {
  caseId,
  decideCase,
  isRefusal,
  refuse,
  signalOutcomes,
  type Actor,
  type CaseCommand,
  type CaseView,
  type Input,
  type NumberedAuditEvent,
  type Refusal,
} from "@rekey/domain";
import type { GatewayParts } from "../options.ts";
import { nextOf, pageById, pageOfAudit } from "../server/paging.ts";
import { pollFor } from "../server/poll.ts";
import { wayWithoutApprover } from "./approval.ts";
import { listedCases, shownCase } from "./case-shown.ts";
import { watchCursor, readWatchCursor } from "./watch-cursor.ts";
import type { Surface } from "./surface.ts";

const routes = apiRoutes.cases;

/** Cases, what is owed, and what became of signals. */
export const casesSurface: Surface = (serve, parts) => {
  const { ledger } = parts;
  serve(routes.show, async ({ params, actor }) => await shownCase(parts, params.case, actor));
  serve(
    routes.watch,
    async ({ params, query, signal, actor }) =>
      await watched(parts, params.case, { ...query, signal, actor }),
  );
  serve(routes.list, async ({ query }) => {
    const page = pageById(query);
    if (isRefusal(page)) return page;
    const cases = await ledger.cases({
      ...page,
      ...(query.open !== undefined && { open: query.open }),
    });
    const listed = await listedCases(parts, cases);
    return { cases: listed, ...nextOf(cases, page.limit, ({ id }) => id) };
  });
  serve(routes.signals, async ({ query }) => {
    const page = pageById(query);
    if (isRefusal(page)) return page;
    const outcomes = query.outcomes ?? signalOutcomes;
    const signals = await ledger.signals({ ...page, outcomes });
    return { signals, ...nextOf(signals, page.limit, ({ id }) => id) };
  });
  serve(routes.debt, async ({ query }) => {
    const page = pageById(query);
    if (isRefusal(page)) return page;
    const obligations = await ledger.debt(page);
    return { obligations, ...nextOf(obligations, page.limit, ({ id }) => id) };
  });
  decisions(serve, parts);
};

const decisions: Surface = (serve, parts) => {
  serve(routes.approve, async ({ params, body, actor }) => {
    const by = actor.id;
    return await leave(parts, params.case, {
      command: { type: "approve", by },
      input: { type: "approve", by, ...body },
      actor,
    });
  });
  serve(
    routes.dismiss,
    async ({ params, body: { reason }, actor }) =>
      await leave(parts, params.case, {
        command: { type: "dismiss", reason },
        input: { type: "dismiss", by: actor.id, reason },
        actor,
      }),
  );
};

interface Decision {
  readonly command: CaseCommand;
  readonly input: Input;
  readonly actor: Actor;
}

/** Refused now where that is already certain; the holder decides again when it takes the input. */
const leave = async (
  parts: GatewayParts,
  id: string,
  { command, input, actor }: Decision,
): Promise<CaseView | Refusal> => {
  const { ledger, clock, onWork } = parts;
  const found = await shownCase(parts, id, actor);
  if (isRefusal(found)) return found;
  const isOwn = command.type === "approve" && found.case.requestedBy === actor.id;
  const decided = isOwn
    ? refuse("SAME_PERSON", "whoever asked for it cannot approve it")
    : decideCase(found.case, command, clock.now());
  if (isRefusal(decided)) return await withWay(parts, found, { refusal: decided, actor });
  const refusal = await ledger.appendInput({ target: { kind: "case", id }, input, actor });
  if (isRefusal(refusal)) return refusal;
  onWork();
  return await shownCase(parts, id, actor);
};

/** The refusal says who else can, or at the socket what goes on without anybody else. */
const withWay = async (
  parts: GatewayParts,
  view: CaseView,
  { refusal, actor }: { readonly refusal: Refusal; readonly actor: Actor },
): Promise<Refusal> => {
  if (refusal.refused !== "SAME_PERSON") return refusal;
  const way = await wayWithoutApprover(parts, view, actor);
  return { ...refusal, reason: `${refusal.reason}; next: ${way}` };
};

interface Watching {
  readonly after?: string;
  readonly limit: number;
  readonly waitMs: number;
  readonly signal: AbortSignal;
  readonly actor: Actor;
}

interface Seen {
  readonly detail: CaseView;
  readonly events: readonly NumberedAuditEvent[];
  readonly digest: string;
}

/** News is an audit event of the case, or anything that moved in it or in the rotations that serve it. */
const watched = async (parts: GatewayParts, id: string, watching: Watching) => {
  const cursor = readWatchCursor(watching.after);
  const asked = { limit: watching.limit, ...(cursor.event && { after: cursor.event }) };
  const page = await pageOfAudit(parts.ledger, asked);
  if (isRefusal(page)) return page;
  const seen = await pollFor({
    clock: parts.clock,
    waitMs: watching.waitMs,
    signal: watching.signal,
    look: async (): Promise<Seen | Refusal> => {
      const events = await parts.ledger.auditEvents({ ...page, case: caseId(id) });
      const detail = await shownCase(parts, id, watching.actor);
      if (isRefusal(detail)) return detail;
      return { detail, events, digest: digestOf(detail) };
    },
    isNews: (found) =>
      isRefusal(found) || found.events.length > 0 || found.digest !== cursor.digest,
  });
  if (isRefusal(seen)) return seen;
  const { detail, events, digest } = seen;
  return { detail, events, next: watchCursor(events.at(-1)?.id ?? cursor.event, digest) };
};

const digestOf = (detail: CaseView): string => {
  const { state, step, wave, approvedBy, signals } = detail.case;
  const rotations = detail.rotations.map((rotation) => ({
    state: rotation.state,
    done: rotation.done,
    open: rotation.open ?? null,
  }));
  const text = canonicalJson({ state, step, wave, approvedBy, signals, rotations });
  return sha256Hex(text).slice(0, 16);
};
