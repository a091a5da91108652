import {
  expandBatchMax,
  modeInForce,
  modes,
  type CaseItem,
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
  putItem,
  settleCaseObligations,
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

/** Mode and approvals, once for the whole case: the most restrictive of its items' modes. */
export const admit = async (turn: CaseTurn): Promise<CaseStepOutcome> => {
  const open = turn.items.filter((item) => item.outcome === undefined);
  if (open.length === 0) {
    settleCaseObligations(turn, "expanded");
    applyCase(turn, { type: "advance", to: "close" }, "nothing in scope has to end");
    return "go-on";
  }
  const mode = await caseMode(turn, open);
  turn.case = { ...turn.case, mode };
  if (mode === "propose" && turn.case.approvedBy.length === 0) {
    applyCase(
      turn,
      {
        type: "wait",
        for: "approval",
        until: turn.now + approvalLookMs,
        reason: "its scope proposes: `rekey case approve` starts it",
      },
      "mode propose",
    );
    await commitCase(turn, true);
    return "over";
  }
  applyCase(turn, { type: "advance", to: "wave" }, `mode ${mode}`);
  return "go-on";
};

const caseMode = async (turn: CaseTurn, open: readonly CaseItem[]): Promise<Mode> => {
  let strictest = modes.length - 1;
  for (const item of open) {
    const view = await turn.parts.ledger.credential(item.credential);
    if (view === undefined) continue;
    const { credential } = view;
    if (credential.control) continue;
    const question = {
      producer: turn.case.producer,
      environment: credential.environment,
      issuer: credential.issuer.instance,
      credential: credential.id,
    };
    const mode = modeInForce(turn.claim.modes, question);
    strictest = Math.min(
      strictest,
      modes.indexOf(mode === "act" && credential.protected ? "propose" : mode),
    );
  }
  return modes[strictest] ?? "observe";
};

/** Completeness: the provider's list minus what was revoked is empty; what is left is ended by another rotation. */
export const enumerate = async (turn: CaseTurn): Promise<CaseStepOutcome> => {
  if (turn.case.kind === "offboarding" || turn.case.kind === "retirement") {
    noteEnds(turn);
    const running = runningItems(turn);
    if (running.length > 0) return await waitForRotations(turn, running);
    const left = await leftAtProvider(turn);
    if (left.length > 0) return await endAgain(turn, left);
  }
  applyCase(turn, { type: "advance", to: "close" }, "nothing of it is left");
  return "go-on";
};

const endAgain = async (turn: CaseTurn, left: readonly CaseItem[]): Promise<CaseStepOutcome> => {
  for (const { outcome: _ended, rotation: _past, ...item } of left) {
    putItem(turn, item);
    turn.draft.openings.push(openingFor(turn, item));
    auditCase(turn, "case.item-added", {
      reason: "the provider still lists a version of it",
      item,
    });
  }
  const until = turn.now + rotationLookMs;
  const reason = `${left.length} credentials are not gone at the provider`;
  applyCase(turn, { type: "wait", for: "provider", until, reason }, reason);
  await commitCase(turn, true);
  return "over";
};

export const close = async (turn: CaseTurn): Promise<CaseStepOutcome> => {
  const outcomes = turn.items.map((item) => item.outcome);
  const outcome = outcomes.includes("ended")
    ? turn.case.kind === "campaign"
      ? "rotated"
      : "proven-dead"
    : outcomes.includes("would-have")
      ? "would-have"
      : outcomes.includes("withdrawn")
        ? "dismissed"
        : "nothing-owed";
  settleCaseObligations(turn, outcome === "would-have" ? "observed" : "expanded");
  applyCase(turn, { type: "close", outcome, reason: `${turn.items.length} credentials` }, outcome);
  await commitCase(turn, true);
  return "over";
};
