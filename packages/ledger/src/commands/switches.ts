import {
  counted,
  isTerminal,
  type Actor,
  type LedgerIdentity,
  type ModeSetting,
  type Pause,
  type RejectedInput,
} from "@rekey/domain";
import type { Draft } from "../rows/draft.ts";
import { dueAtOf, type RotationRow } from "../rows/rows.ts";
import { auditOwn, detailOf } from "./audit.ts";
import { leaveInput, type InputRequest } from "./inputs.ts";
import { sendRejected } from "./outbox-record.ts";
import { acceptWorld, pauseAllowed } from "./world.ts";

const named = ({ id, authenticated }: Actor): Pick<Actor, "id" | "authenticated"> => ({
  id,
  authenticated,
});

/** So many cases, and as many rotations, look again at once when a mode changes; others at their own time. */
export const wokenByModeMax = 1_000;

/** The one way a scope's mode changes: a person, with a reason. What waits for a person's word, or is held, looks again at once. */
export const setMode = (
  draft: Draft,
  request: { readonly setting: ModeSetting; readonly actor: Actor; readonly reason: string },
): void => {
  const { scope, name, mode } = request.setting;
  draft.put("modes", { scope, name, mode });
  const input = { type: "woken", reason: `mode ${mode} for ${scope} ${name}`.trimEnd() } as const;
  for (const target of whatModesHold(draft))
    leaveInput(draft, target, { input, actor: request.actor.id });
  auditOwn(draft, {
    type: "mode.set",
    actor: named(request.actor),
    reason: request.reason,
    detail: { scope, name, mode },
  });
};

/** What is held, and a case under way, may have read the modes as they were, and be about to wait. */
const whatModesHold = (draft: Draft): readonly InputRequest["target"][] => [
  ...firstById(
    draft.rows("rotations").filter((row) => waitsForWord(row.state) || isHeld(draft, row)),
  ).map(({ id }) => ({ kind: "rotation" as const, id })),
  ...firstById(
    draft
      .rows("cases")
      .filter((row) => row.state.at === "running" || waitsForWord(row.state) || row.holdOpen),
  ).map(({ id }) => ({ kind: "case" as const, id })),
];

/** A rotation that is held is due until its turn ends; one that is not due has a watch's hold on its credential. */
const isHeld = (draft: Draft, row: RotationRow): boolean =>
  !isTerminal(row) &&
  dueAtOf(row) <= draft.now &&
  draft.get("holds", row.credential)?.holdOpen === true;

const waitsForWord = (state: { readonly at: string; readonly for?: string }): boolean =>
  state.at === "waiting" && (state.for === "approval" || state.for === "person");

const firstById = <Row extends { readonly id: string }>(rows: readonly Row[]): readonly Row[] =>
  rows.toSorted((left, right) => (left.id < right.id ? -1 : 1)).slice(0, wokenByModeMax);

export const setPause = (
  draft: Draft,
  { pause: asked, actor }: { readonly pause: Pause; readonly actor: Actor },
  identity: LedgerIdentity,
): void => {
  const pause = pauseAllowed(draft, asked);
  const accepted = pause.paused ? {} : acceptWorld(draft, identity);
  draft.put("pause", pause);
  auditOwn(draft, {
    type: "pause.set",
    actor: named(actor),
    reason: pause.reason ?? (pause.paused ? "paused" : "resumed"),
    detail: detailOf({ paused: pause.paused, all: pause.all, ...accepted }),
  });
};

/** Something that is no signal: its digest and where it came from are kept, never its body. */
export const rejectInputs = (draft: Draft, inputs: readonly RejectedInput[]): void => {
  for (const input of inputs) {
    const eventId = rejectedEventId(input);
    const known = draft
      .rows("signals")
      .some(
        (row) =>
          row.sourceSystem === input.source &&
          row.sourceFeed === rejectedFeed &&
          row.eventId === eventId,
      );
    if (!known) reject(draft, input);
  }
};

/** What could not be read has no feed and no id of its own: where it stood and its digest name it. */
export const rejectedFeed = "rejected";
export const rejectedEventId = (input: RejectedInput): string =>
  `${input.coordinates}#${input.digest}`;

const reject = (draft: Draft, input: RejectedInput): void => {
  draft.put("signals", {
    id: input.id,
    sourceSystem: input.source,
    sourceFeed: rejectedFeed,
    eventId: rejectedEventId(input),
    digest: input.digest,
    outcome: input.outcome,
    reason: input.reason,
    receivedAt: draft.now,
    coordinates: input.coordinates,
    problems: input.problems,
  });
  auditOwn(draft, {
    type: `signal.${input.outcome}`,
    reason: reasonOf(input),
    signal: input.id,
    detail: detailOf({
      system: input.source,
      coordinates: input.coordinates,
      digest: input.digest,
      problems: input.problems,
    }),
  });
  sendRejected(draft, input);
};

/**
 * The first problem with the path of its field: whoever reads only the reason learns where to look. A path holds no
 * value and no key of the writer's that is not a plain name.
 */
const reasonOf = ({ reason, problems }: RejectedInput): string => {
  const [first] = problems;
  if (first === undefined || first.path === "") return reason;
  const found = `${first.path}: ${first.reason}`;
  const all = reason === first.reason ? found : `${reason}: ${found}`;
  return problems.length === 1 ? all : `${all} (${counted(problems.length, "problem")})`;
};
