import {
  expandBatchMax,
  isApproved,
  minute,
  second,
  type CaseItem,
  type RotationOpening,
  type RotationStateName,
} from "@rekey/domain";
import {
  applyCase,
  commitCase,
  putItem,
  settleCaseObligations,
  type CaseTurn,
} from "./case-turn.ts";

/** How a case's step ended: the case goes on, or its turn is over. */
export type CaseStepOutcome = "go-on" | "over";

const waveSizes: readonly number[] = [1, 10, 100];
/** A rotation's end wakes its case; this is how late it is looked at without that: rarer, the longer it lasts. */
export const rotationLookMs = ({
  now,
  case: { openedAt },
}: Pick<CaseTurn, "now" | "case">): number =>
  Math.min(Math.max(Math.round((now - openedAt) / 8), 30 * second), 15 * minute);
/** How late a case that waits for a person is looked at again; the person's word wakes it. */
export const approvalLookMs = 60 * minute;

const ended: ReadonlySet<RotationStateName> = new Set([
  "completed",
  "undone",
  "withdrawn",
  "would-have",
]);

/** Waves of 1, 10, 100 and the rest; the next one starts when the last ended without halt or undo. */
export const wave = async (turn: CaseTurn): Promise<CaseStepOutcome> => {
  noteEnds(turn);
  const running = runningItems(turn);
  if (running.length > 0) return await waitForRotations(turn, running);
  const waiting = turn.items.filter(
    (item) => item.rotation === undefined && item.outcome === undefined,
  );
  if (waiting.length === 0) {
    settleCaseObligations(turn, turn.case.mode === "observe" ? "observed" : "expanded");
    applyCase(turn, { type: "advance", to: "enumerate" }, "every wave has ended");
    return "go-on";
  }
  const undone = undoneInWave(turn);
  if (undone.length > 0 && !turn.approvedNow) return await waitForWord(turn, undone);
  return await startWave(turn, waiting);
};

export const runningItems = (turn: CaseTurn): readonly CaseItem[] =>
  turn.items.filter((item) => item.rotation !== undefined && item.outcome === undefined);

const undoneInWave = (turn: CaseTurn): readonly CaseItem[] =>
  turn.items.filter(
    (item) =>
      item.wave === turn.case.wave &&
      turn.claim.rotations.some(({ id, state }) => id === item.rotation && state.at === "undone"),
  );

/** Somebody took the last wave back: the next one starts when a person approves it. */
const waitForWord = async (
  turn: CaseTurn,
  undone: readonly CaseItem[],
): Promise<CaseStepOutcome> => {
  const reason = `${undone.length} rotations of wave ${turn.case.wave} were undone: \`rekey case approve\` starts the next`;
  const until = turn.now + approvalLookMs;
  applyCase(turn, { type: "wait", for: "approval", until, reason }, "a wave was undone");
  await commitCase(turn, true);
  return "over";
};

export const noteEnds = (turn: CaseTurn): void => {
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

export const waitForRotations = async (
  turn: CaseTurn,
  running: readonly CaseItem[],
): Promise<CaseStepOutcome> => {
  const until = turn.now + rotationLookMs(turn);
  const names = running
    .map((item) => item.credential)
    .slice(0, 5)
    .join(", ");
  if (turn.case.state.at === "running" || turn.case.state.at === "waiting") {
    applyCase(
      turn,
      {
        type: "wait",
        for: "rotations",
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
      for: "rotations",
      until: turn.now + rotationLookMs(turn),
      reason: `wave ${number} is running`,
    },
    "rotations are running",
  );
  await commitCase(turn, true);
  return "over";
};

export const openingFor = (turn: CaseTurn, item: CaseItem): RotationOpening => {
  const { cause } = turn.case;
  const unknown =
    cause.kind === "exposure" && item.version === undefined
      ? { unknownSince: turn.case.occurredAt }
      : {};
  return {
    credential: item.credential,
    cause: { ...cause, case: turn.case.id, approvedBy: turn.case.approvedBy },
    exposed: cause.kind === "exposure" && item.version !== undefined ? [item.version] : [],
    wanted: item.wanted,
    mode: turn.case.mode,
    approved: isApproved(turn.case),
    ...unknown,
  };
};
