import {
  Assertion,
  Fault,
  faultCodes,
  isTerminal,
  laneOf,
  planVersion,
  type Admitted,
  type FaultCode,
  type Lane,
  type PlannedStep,
  type RotationClaim,
  type RotationId,
} from "@rekey/domain";
import { HoldLost, keepHold } from "../hold.ts";
import { takenUp } from "../idle-look.ts";
import { issuerFor, type EngineParts } from "../parts.ts";
import { absorbInputs, lookAgain } from "./absorb.ts";
import type { Ahead } from "./ahead.ts";
import { endInFault } from "./faults.ts";
import { nextMove, planNow } from "./move.ts";
import { park } from "./park.ts";
import { performOnce, type Way } from "./perform.ts";
import { settleGates } from "./provider-gate.ts";
import { apply, commit, openTurn, type Turn } from "./turn.ts";

/** Moves in one turn; more means a plan that does not shrink, which is our bug. */
const movesMax = 64;
/** A plan of a newer build is looked at again this late. */
const newerBuildLookMs = 30_000;

/** Claims a rotation and carries it as far as it goes: until it ends, waits, halts or is taken over. */
export const advanceRotation = async (
  parts: EngineParts,
  id: RotationId,
): Promise<"advanced" | "not-claimed"> => {
  const heldSinceMs = parts.clock.monotonicMs();
  const claim = await parts.ledger.claimRotation({ id, worker: parts.worker });
  if (claim === undefined) return "not-claimed";
  await runTurn(parts, claim, { heldSinceMs, readAtMs: heldSinceMs, born: false });
  return "advanced";
};

/**
 * Goes on with a rotation that intake's own commit claimed, its containment already intended, from what that commit
 * answered of it. `heldSinceMs`: monotonic time before the commit was asked.
 */
export const advanceHeld = async (
  parts: EngineParts,
  { urgent, claim: read, ahead }: Born,
  heldSinceMs: number = parts.clock.monotonicMs(),
): Promise<void> => {
  try {
    const readAtMs = read === undefined ? parts.clock.monotonicMs() : heldSinceMs;
    const claim = read ?? (urgent && (await parts.ledger.heldRotation(urgent)));
    if (claim === undefined) return;
    await runTurn(parts, claim, { heldSinceMs, readAtMs, born: true, ahead });
  } finally {
    ahead?.drop();
  }
};

interface Born extends Pick<Admitted, "urgent" | "claim"> {
  readonly ahead?: Ahead | undefined;
}

interface Beginning {
  readonly heldSinceMs: number;
  /** Monotonic time before the claim, with its switch and its inputs, can have been read. */
  readonly readAtMs: number;
  /** Claimed by intake's commit, with a step already intended. */
  readonly born: boolean;
  readonly ahead?: Ahead | undefined;
}

const runTurn = async (
  parts: EngineParts,
  claim: RotationClaim,
  { heldSinceMs, readAtMs, ...beginning }: Beginning,
): Promise<void> => {
  const kept = keepHold(parts, claim.hold, heldSinceMs);
  const leave = (): void => beginning.ahead?.drop();
  kept.signal.addEventListener("abort", leave, { once: true });
  try {
    const turn = openTurn(parts, claim, { kept, readAtMs });
    await turnOf(turn, beginning);
    await settleGates(turn);
  } catch (error) {
    if (error instanceof Assertion) throw error;
    if (error instanceof HoldLost || kept.signal.aborted) {
      parts.log.info("rotation taken over", {
        rotation: claim.rotation.id,
        credential: claim.credential.id,
      });
      return;
    }
    throw error;
  } finally {
    kept.stop();
    // Calls that have ended hold their turn's signal for a while, and with it whatever listens to it.
    kept.signal.removeEventListener("abort", leave);
  }
};

const turnOf = async (
  turn: Turn,
  { born, ahead }: Pick<Beginning, "born" | "ahead">,
): Promise<void> => {
  if (!born) noteInterruption(turn);
  absorbInputs(turn, turn.claim.inputs);
  if (isTerminal(turn.rotation)) return await commit(turn, true);
  if (turn.rotation.state.at !== "running") apply(turn, { type: "proceed" }, takenUp);
  if (turn.rotation.planVersion > planVersion) return await leaveAlone(turn);
  // A leak that joins makes the rest of the rotation urgent.
  const lane = (): Lane => laneOf(turn.rotation);
  const issuer = issuerFor(turn.parts, turn.claim.credential.issuer.instance, lane);
  if (issuer === undefined) return await endInFault(turn, new Fault("CONFIG_MISSING"));
  await moves(turn, { issuer, born, ahead, inMemory: new Map() });
};

const leaveAlone = async (turn: Turn): Promise<void> => {
  const code: FaultCode = "UNKNOWN_PLAN_VERSION";
  const reason = `${faultCodes[code].text} (${code})`;
  const until = turn.now + newerBuildLookMs;
  apply(turn, { type: "wait", for: "provider", until, reason }, "left alone");
  turn.parts.log.warn("rotation left to a newer build", {
    rotation: turn.rotation.id,
    credential: turn.rotation.credential,
    code,
  });
  await commit(turn, true);
};

/**
 * A step that is open while the rotation runs was left by a worker that died or was pre-empted: its effect may
 * still come, so attest waits for it.
 */
const noteInterruption = (turn: Turn): void => {
  const { state, open, claimsLost, lastClaimLostAt } = turn.rotation;
  if (state.at !== "running" || open === undefined || lastClaimLostAt === turn.now) return;
  turn.rotation = { ...turn.rotation, claimsLost: claimsLost + 1, lastClaimLostAt: turn.now };
};

const moves = async (turn: Turn, way: Way): Promise<void> => {
  for (let moved = 0; moved < movesMax; moved += 1) {
    await lookAgain(turn);
    if (isTerminal(turn.rotation)) return await commit(turn, true);
    const plan = planNow(turn, way.issuer.capabilities);
    if (!("refused" in plan) && changed(turn, plan))
      apply(turn, { type: "plan", plan }, "planned from the facts at hand");
    const move = nextMove(turn, plan);
    if (move.move !== "perform") return await park(turn, move);
    const ended = await performOnce(turn, way, move.step);
    if (ended) return;
  }
  throw new Assertion("a rotation's plan does not shrink");
};

const changed = (turn: Turn, plan: readonly PlannedStep[]): boolean => {
  const before = turn.rotation.plan.filter((step) => !turn.rotation.done.includes(step.key));
  return (
    before.length !== plan.length || before.some((step, index) => step.key !== plan[index]?.key)
  );
};
