import { endInHalt, wakeCasesOf } from "./faults.ts";
import type { Move } from "./move.ts";
import { apply, commit, type Turn } from "./turn.ts";

/** Ends a turn in a state that needs no worker. */
export const park = async (turn: Turn, move: Exclude<Move, { move: "perform" }>): Promise<void> => {
  switch (move.move) {
    case "wait":
      apply(
        turn,
        { type: "wait", for: move.for, until: move.until, reason: move.reason },
        move.reason,
      );
      break;
    case "halt":
      return await endInHalt(turn, move.halt);
    case "observe":
      // Its case settles what is owed, or keeps owing it where others of it were ended.
      apply(turn, { type: "observe" }, "its scope observes: this is what would have been done");
      break;
    case "complete":
      apply(turn, { type: "complete" }, "attested");
      break;
  }
  wakeCasesOf(turn);
  await commit(turn, true);
};
