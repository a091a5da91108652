import { assert, admitBatchMax, Fault, type Ledger } from "@rekey/domain";
import { admit } from "../commands/admit.ts";
import { reserve } from "../commands/breaker.ts";
import { openDebt, pendingInputs, rotationClaim } from "../commands/claims.ts";
import { appendInput } from "../commands/inputs.ts";
import { recordCase } from "../commands/record-case.ts";
import { recordRotation } from "../commands/record-rotation.ts";
import { recordWatch } from "../commands/record-watch.ts";
import { pauseOf } from "../commands/views.ts";
import { isOwnedBy } from "../rows/rows.ts";
import {
  claimCase,
  claimRotation,
  claimWatch,
  endForeignHolds,
  holdRowOf,
  renew,
} from "./claim.ts";
import { dueWork, scope } from "./reads.ts";
import type { StateStore } from "./store.ts";

type Commands = Pick<
  Ledger,
  | "admit"
  | "due"
  | "claimRotation"
  | "heldRotation"
  | "claimCase"
  | "claimWatch"
  | "renew"
  | "endForeignHolds"
  | "freshInputs"
  | "openDebt"
  | "recordRotation"
  | "recordCase"
  | "recordWatch"
  | "appendInput"
  | "scope"
  | "reserve"
>;

/** Intake and the three sagas: claim, renew, record. */
export const memoryWork = ({ run, ask }: StateStore): Commands => ({
  admit: (request) => {
    assert(request.signals.length <= admitBatchMax, "more signals than one transaction takes");
    return run((draft) =>
      admit(draft, request).map((answer) => {
        const claim = answer.urgent && rotationClaim(draft, answer.urgent);
        if (claim === undefined) return answer;
        request.foreseen?.(claim);
        return { ...answer, claim };
      }),
    );
  },
  due: ({ lane, limit, withinMs }) =>
    ask((draft) => ({
      now: draft.now,
      items: dueWork(draft, lane, draft.now + withinMs).slice(0, limit),
    })),
  claimRotation: (request) => run((draft) => claimRotation(draft, request)),
  heldRotation: (hold) => ask((draft) => rotationClaim(draft, hold)),
  claimCase: (request) => run((draft) => claimCase(draft, request)),
  claimWatch: (request) => run((draft) => claimWatch(draft, request)),
  renew: (hold) => run((draft) => renew(draft, hold)),
  endForeignHolds: ({ worker }) => run((draft) => endForeignHolds(draft, worker)),
  freshInputs: (hold) =>
    ask((draft) => {
      if (!isOwnedBy(holdRowOf(draft, hold), hold.fence)) return undefined;
      return { now: draft.now, inputs: pendingInputs(draft, hold), pause: pauseOf(draft) };
    }),
  openDebt: (hold) =>
    ask((draft) =>
      isOwnedBy(holdRowOf(draft, hold), hold.fence) ? openDebt(draft, hold.row) : undefined,
    ),
  recordRotation: (hold, commit) =>
    run((draft) => (recordRotation(draft, hold, commit) ? { now: draft.now } : undefined)),
  recordCase: (hold, commit) =>
    run((draft) => {
      const items = recordCase(draft, hold, commit);
      return items && { now: draft.now, items };
    }),
  recordWatch: (hold, commit) =>
    run((draft) => (recordWatch(draft, hold, commit) ? { now: draft.now } : undefined)),
  appendInput: (request) => run((draft) => appendInput(draft, request)),
  scope: (query) => ask((draft) => scope(draft, query)),
  reserve: (hold, request) =>
    run((draft) => {
      if (!isOwnedBy(holdRowOf(draft, hold), hold.fence)) throw new Fault("HOLD_LOST");
      return reserve(draft, request);
    }),
});
