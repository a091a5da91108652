import {
  expandBatchMax,
  minute,
  modeInForce,
  modes,
  second,
  type CaseItem,
  type Mode,
  type RotationOpening,
  type RotationStateName,
  type ScopedCredential,
} from "@rekey/domain";
import { enumerateAtProvider } from "./enumerate.ts";
import {
  applyCase,
  auditCase,
  commitCase,
  putItem,
  settleCaseObligations,
  type CaseTurn,
} from "./case-turn.ts";

/** How a case's step ended: the case goes on, or its turn is over. */
export type CaseStepOutcome = "go-on" | "over";

const waveSizes: readonly number[] = [1, 10, 100];
/** A rotation's end wakes its case; this is how late it is looked at without that. */
const rotationLookMs = 30 * second;
const approvalLookMs = 60 * minute;

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

const ended: ReadonlySet<RotationStateName> = new Set([
  "completed",
  "undone",
  "withdrawn",
  "would-have",
]);

/** Waves of 1, 10, 100 and the rest; the next one starts when the last ended without halt or undo. */
export const wave = async (turn: CaseTurn): Promise<CaseStepOutcome> => {
  noteEnds(turn);
  const running = turn.items.filter(
    (item) => item.rotation !== undefined && item.outcome === undefined,
  );
  if (running.length > 0) return await waitForRotations(turn, running);
  const waiting = turn.items.filter(
    (item) => item.rotation === undefined && item.outcome === undefined,
  );
  if (waiting.length === 0) {
    settleCaseObligations(turn, turn.case.mode === "observe" ? "observed" : "expanded");
    applyCase(turn, { type: "advance", to: "enumerate" }, "every wave has ended");
    return "go-on";
  }
  return await startWave(turn, waiting);
};

const noteEnds = (turn: CaseTurn): void => {
  for (const item of turn.items) {
    const rotation = turn.claim.rotations.find((one) => one.id === item.rotation);
    if (item.outcome !== undefined || rotation === undefined || !ended.has(rotation.state.at))
      continue;
    const outcome =
      rotation.state.at === "completed"
        ? "ended"
        : rotation.state.at === "would-have"
          ? "would-have"
          : "withdrawn";
    putItem(turn, { ...item, outcome });
  }
};

const waitForRotations = async (
  turn: CaseTurn,
  running: readonly CaseItem[],
): Promise<CaseStepOutcome> => {
  const until = turn.now + rotationLookMs;
  const names = running
    .map((item) => item.credential)
    .slice(0, 5)
    .join(", ");
  if (turn.case.state.at === "running" || turn.case.state.at === "waiting") {
    applyCase(
      turn,
      {
        type: "wait",
        for: "provider",
        until,
        reason: `${running.length} rotations are running: ${names}`,
      },
      "rotations are running",
    );
  }
  for (const item of running)
    if (graver(turn, item)) turn.draft.openings.push(openingFor(turn, item));
  await commitCase(turn, true);
  return "over";
};

/** A duplicate told more than the rotation knows: it hears of it as another cause of the same case. */
const graver = (turn: CaseTurn, item: CaseItem): boolean => {
  const rotation = turn.claim.rotations.find((one) => one.id === item.rotation);
  const known = rotation?.causes.filter((cause) => cause.case === turn.case.id) ?? [];
  const { confidence, public: isPublic } = turn.case.cause;
  return (
    known.length > 0 &&
    !known.some((cause) => cause.confidence === confidence && cause.public === isPublic)
  );
};

const startWave = async (
  turn: CaseTurn,
  waiting: readonly CaseItem[],
): Promise<CaseStepOutcome> => {
  const number = turn.case.wave + 1;
  const size =
    turn.case.kind === "incident" ? waiting.length : (waveSizes[number - 1] ?? expandBatchMax);
  applyCase(turn, { type: "next-wave", wave: number }, `wave ${number} of at most ${size}`);
  for (const item of waiting.slice(0, size)) {
    putItem(turn, { ...item, wave: number });
    turn.draft.openings.push(openingFor(turn, item));
  }
  settleCaseObligations(turn, turn.case.mode === "observe" ? "observed" : "expanded");
  applyCase(
    turn,
    {
      type: "wait",
      for: "provider",
      until: turn.now + rotationLookMs,
      reason: `wave ${number} is running`,
    },
    "rotations are running",
  );
  await commitCase(turn, true);
  return "over";
};

const openingFor = (turn: CaseTurn, item: CaseItem): RotationOpening => {
  const { cause } = turn.case;
  const unknown =
    cause.kind === "exposure" && item.version === undefined
      ? { unknownSince: turn.case.occurredAt }
      : {};
  return {
    credential: item.credential,
    cause: { ...cause, case: turn.case.id },
    exposed: cause.kind === "exposure" && item.version !== undefined ? [item.version] : [],
    wanted: item.wanted,
    mode: turn.case.mode,
    approved: turn.case.approvedBy.length > 0,
    ...unknown,
  };
};

/** Completeness: the provider's list minus what was revoked is empty. */
export const enumerate = async (turn: CaseTurn): Promise<CaseStepOutcome> => {
  if (turn.case.kind === "offboarding" || turn.case.kind === "retirement")
    await enumerateAtProvider(turn);
  applyCase(turn, { type: "advance", to: "close" }, "nothing of it is left");
  return "go-on";
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
