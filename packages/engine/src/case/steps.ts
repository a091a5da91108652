import {
  counted,
  expandBatchMax,
  isApproved,
  modeInForce,
  modes,
  type CaseItem,
  type CaseOutcome,
  type Mode,
  type ScopedCredential,
} from "@rekey/domain";
import { leftAtProvider } from "./enumerate.ts";
import {
  approvalLookMs,
  noteEnds,
  openingFor,
  rotationLookMs,
  runningItems,
  waitForRotations,
  type CaseStepOutcome,
} from "./wave.ts";
import {
  applyCase,
  auditCase,
  commitCase,
  oweObserved,
  putItem,
  settleCaseObligations,
  settleObserved,
  type CaseTurn,
} from "./case-turn.ts";

/** Nothing here needs the source to be asked first; a producer that does comes with its own resolver. */
export const resolve = async (turn: CaseTurn): Promise<CaseStepOutcome> => {
  applyCase(turn, { type: "advance", to: "expand" }, "the signal says what it is about");
  return await Promise.resolve("go-on");
};

/** Finds what is in scope, at most 500 rows a commit, with a cursor that survives a crash. */
export const expand = async (turn: CaseTurn): Promise<CaseStepOutcome> => {
  const { kind } = turn.case;
  if (kind === "incident" || kind === "campaign") {
    applyCase(turn, { type: "advance", to: "admit" }, "intake named the credential");
    return "go-on";
  }
  const scope =
    kind === "offboarding"
      ? definedOnly({ identity: turn.case.identity })
      : definedOnly({ service: turn.case.service, environment: turn.case.environment });
  const found = await turn.parts.ledger.scope({
    ...scope,
    ...definedOnly({ after: turn.case.cursor }),
    limit: expandBatchMax,
  });
  for (const scoped of found) addScoped(turn, scoped);
  const last = found.at(-1);
  if (last !== undefined) turn.case = { ...turn.case, cursor: last.credential.id };
  if (found.length === expandBatchMax) {
    await commitCase(turn, false);
    return "go-on";
  }
  applyCase(turn, { type: "advance", to: "admit" }, `${turn.items.length} credentials in scope`);
  return "go-on";
};

type Defined<Shape> = { [Key in keyof Shape]?: NonNullable<Shape[Key]> };
const definedOnly = <Shape extends object>(shape: Shape): Defined<Shape> =>
  Object.fromEntries(
    Object.entries(shape).filter(([, value]) => value !== undefined),
  ) as Defined<Shape>;

/** A credential that other consumers still use is left to them when one deployment goes. */
const addScoped = (turn: CaseTurn, { credential, otherConsumers }: ScopedCredential): void => {
  const left = turn.case.kind === "retirement" && otherConsumers.length > 0;
  const item: CaseItem = {
    credential: credential.id,
    wanted: "none",
    wave: 0,
    ...(left ? { outcome: "left" as const } : {}),
  };
  putItem(turn, item);
  const reason = left ? `still used by ${otherConsumers.join(", ")}: left untouched` : "in scope";
  auditCase(turn, "case.item-added", {
    reason,
    item,
    detail: { otherConsumers: [...otherConsumers] },
  });
};

/**
 * Whether the case may begin: it waits for a person only when none of its items may act without one. Each
 * item's own scope then decides for that item, so that one observed credential never holds back the others.
 */
export const admit = async (turn: CaseTurn): Promise<CaseStepOutcome> => {
  const open = turn.items.filter((item) => item.outcome === undefined);
  if (open.length === 0) {
    settleCaseObligations(turn, "expanded");
    applyCase(turn, { type: "advance", to: "close" }, "nothing in scope has to end");
    return "go-on";
  }
  const mode = await caseMode(turn, open);
  turn.case = { ...turn.case, mode };
  if (mode === "propose" && !isApproved(turn.case)) {
    applyCase(
      turn,
      {
        type: "wait",
        for: "approval",
        until: turn.now + approvalLookMs,
        reason: howToStart(turn.case),
      },
      "mode propose",
    );
    await commitCase(turn, true);
    return "over";
  }
  applyCase(turn, { type: "advance", to: "wave" }, `mode ${mode}`);
  return "go-on";
};

/** Asked for by another way than approvers have, it may be an approver's own wish. */
const howToStart = ({ approvedBy }: CaseTurn["case"]): string =>
  approvedBy.length > 0
    ? "its scope proposes: another person's `rekey case approve` starts it, as whoever approved it may have asked for it"
    : "its scope proposes: `rekey case approve` starts it";

/** The freest mode of its items: what the case as a whole may begin with. */
const caseMode = async (turn: CaseTurn, open: readonly CaseItem[]): Promise<Mode> => {
  let freest = 0;
  for (const item of open) freest = Math.max(freest, modes.indexOf(await itemMode(turn, item)));
  return modes[freest] ?? "observe";
};

const itemMode = async (turn: CaseTurn, item: CaseItem): Promise<Mode> => {
  const view = await turn.parts.ledger.credential(item.credential);
  if (view === undefined) return "observe";
  const { credential } = view;
  if (credential.control) return "act";
  const mode = modeInForce(turn.claim.modes, {
    producer: turn.case.producer,
    environment: credential.environment,
    issuer: credential.issuer.instance,
    credential: credential.id,
  });
  return mode === "act" && credential.protected ? "propose" : mode;
};

/** Completeness: the provider's list minus what was revoked is empty; what is left is ended by another rotation. */
export const enumerate = async (turn: CaseTurn): Promise<CaseStepOutcome> => {
  if (turn.case.kind === "offboarding" || turn.case.kind === "retirement") {
    noteEnds(turn);
    const running = runningItems(turn);
    if (running.length > 0) return await waitForRotations(turn, running);
    const left = await leftAtProvider(turn);
    if (left.length > 0) return await endAgain(turn, left, "not gone at the provider");
    const observed = await onlyObserved(turn);
    if (observed !== undefined) return observed;
  }
  applyCase(turn, { type: "advance", to: "close" }, "nothing of it is left");
  return "go-on";
};

/**
 * An end that was carried out for some and only observed for others is not complete: the others follow as
 * soon as their scope allows it, and until then the case stays open and owes.
 */
const onlyObserved = async (turn: CaseTurn): Promise<CaseStepOutcome | undefined> => {
  const observed = turn.items.filter((item) => item.outcome === "would-have");
  if (observed.length === 0 || !turn.items.some((item) => item.outcome === "ended"))
    return undefined;
  const freed: CaseItem[] = [];
  for (const item of observed) if ((await itemMode(turn, item)) !== "observe") freed.push(item);
  if (freed.length > 0) return await endAgain(turn, freed, "no longer only observed");
  const names = observed.map((item) => item.credential).join(", ");
  const reason = `only observed, not ended: ${names}; set their scope's mode, or dismiss the case`;
  const until = turn.now + approvalLookMs;
  applyCase(turn, { type: "wait", for: "person", until, reason }, reason);
  oweObserved(turn, until);
  turn.draft.notices.push({
    to: "owner",
    about: turn.case.about,
    text: reason,
    dedupeKey: `observed/${turn.case.id}`,
    urgency: "today",
  });
  await commitCase(turn, true);
  return "over";
};

const endAgain = async (
  turn: CaseTurn,
  left: readonly CaseItem[],
  why: string,
): Promise<CaseStepOutcome> => {
  for (const { outcome: _ended, rotation: _past, ...item } of left) {
    putItem(turn, item);
    turn.draft.openings.push(openingFor(turn, item));
    auditCase(turn, "case.item-added", {
      reason: why,
      item,
    });
  }
  const until = turn.now + rotationLookMs(turn);
  const reason = `${left.length} of ${turn.items.length} credentials: ${why}`;
  applyCase(turn, { type: "wait", for: "rotations", until, reason }, reason);
  await commitCase(turn, true);
  return "over";
};

export const close = async (turn: CaseTurn): Promise<CaseStepOutcome> => {
  const outcome = outcomeOf(turn);
  settleCaseObligations(turn, outcome === "would-have" ? "observed" : "expanded");
  settleObserved(turn, "observed");
  const reason = counted(turn.items.length, "credential");
  applyCase(turn, { type: "close", outcome, reason }, outcome);
  await commitCase(turn, true);
  return "over";
};

const outcomeOf = (turn: CaseTurn): CaseOutcome => {
  const ended = turn.items.filter((item) => item.outcome === "ended");
  if (ended.length > 0)
    return turn.case.kind === "campaign" ? wishOutcome(turn, ended) : "proven-dead";
  const outcomes = turn.items.map((item) => item.outcome);
  if (outcomes.includes("would-have")) return "would-have";
  return outcomes.includes("withdrawn") ? "dismissed" : "nothing-owed";
};

/** A wish for an end is no rotation: it is proven dead, or there was nothing to end. */
const wishOutcome = ({ claim }: CaseTurn, ended: readonly CaseItem[]): CaseOutcome => {
  if (ended.some((item) => item.wanted === "successor")) return "rotated";
  const ids = new Set(ended.map((item) => item.rotation));
  const died = claim.rotations.some(({ id, dying }) => ids.has(id) && dying.length > 0);
  return died ? "proven-dead" : "nothing-owed";
};
