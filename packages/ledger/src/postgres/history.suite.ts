import { isRefusal, type CredentialId, type Hold, type Ledger, type Rotation } from "@rekey/domain";
import { leakOf, requestOf } from "../suite/signals.suite.ts";
import { commitOf } from "../suite/turns.suite.ts";
import { person } from "../suite/world.suite.ts";

/** A command of a history, with everything it was given; holds are named by their fence. */
export type Command =
  | { readonly type: "claim"; readonly worker: string }
  | { readonly type: "renew"; readonly fence: number }
  | {
      readonly type: "record";
      readonly fence: number;
      readonly release: boolean;
      readonly consume: boolean;
    }
  | { readonly type: "inputs"; readonly fence: number }
  | { readonly type: "approve" }
  | { readonly type: "escalate" }
  | { readonly type: "leak" };

/** One command, when it was asked and answered, and the answer without what differs between ledgers. */
export interface Event {
  readonly command: Command;
  readonly askedAt: number;
  readonly answeredAt: number;
  readonly answer: string;
}

/** One credential with one active rotation, in either ledger. */
export interface Subject {
  readonly ledger: Ledger;
  readonly credential: CredentialId;
  readonly rotation: Rotation;
}

const holdOf = ({ rotation, credential }: Subject, fence: number): Hold => ({
  kind: "rotation",
  id: rotation.id,
  row: credential,
  fence,
});

/** Gives a command to a ledger; answers what every correct ledger answers alike. */
export const give = async (subject: Subject, command: Command): Promise<string> => {
  const { ledger, rotation, credential } = subject;
  const target = { kind: "rotation", id: rotation.id } as const;
  switch (command.type) {
    case "claim": {
      const claim = await ledger.claimRotation({ id: rotation.id, worker: command.worker });
      return claim === undefined
        ? "none"
        : `fence ${claim.hold.fence}, ${claim.inputs.length} inputs, lost ${claim.rotation.claimsLost}`;
    }
    case "renew":
      return String(await ledger.renew(holdOf(subject, command.fence)));
    case "record":
      return await record(subject, command);
    case "inputs": {
      const fresh = await ledger.freshInputs(holdOf(subject, command.fence));
      return fresh === undefined ? "none" : `${fresh.inputs.length} inputs`;
    }
    case "approve": {
      const input = { type: "approve", by: "grace" } as const;
      const refusal = await ledger.appendInput({ target, input, actor: person });
      return isRefusal(refusal) ? refusal.refused : "left";
    }
    case "escalate": {
      const cause = { ...rotation.causes[0]!, kind: "exposure" } as const;
      const escalation = { cause, versions: [1], wanted: "successor" } as const;
      const input = { type: "escalate", escalation } as const;
      const refusal = await ledger.appendInput({ target, input, actor: person });
      return isRefusal(refusal) ? refusal.refused : "left";
    }
    case "leak": {
      const [answer] = await ledger.admit(requestOf(leakOf(`${credential}#1`)));
      return answer?.outcome ?? "none";
    }
  }
};

const record = async (
  subject: Subject,
  { fence, release, consume }: Extract<Command, { type: "record" }>,
): Promise<string> => {
  const hold = holdOf(subject, fence);
  const { rotation } = subject;
  // The number of an input differs between ledgers: all of them are consumed, or none.
  const inputsConsumed = consume ? Array.from({ length: 5_000 }, (_, seq) => seq) : [];
  const recorded = await subject.ledger.recordRotation(
    hold,
    commitOf({ rotation }, { release, inputsConsumed }),
  );
  return recorded === undefined ? "fenced off" : "recorded";
};

/** Whether one order of the events, each within its own time, gives every answer when the model runs it. */
export const linearizes = async <Model>(
  events: readonly Event[],
  model: Model,
  step: (
    model: Model,
    command: Command,
  ) => Promise<{ readonly model: Model; readonly answer: string }>,
): Promise<boolean> => {
  if (events.length === 0) return true;
  const firstAnswered = Math.min(...events.map((event) => event.answeredAt));
  for (const event of events.filter((candidate) => candidate.askedAt <= firstAnswered)) {
    const next = await step(model, event.command);
    if (next.answer !== event.answer) continue;
    const rest = events.filter((other) => other !== event);
    if (await linearizes(rest, next.model, step)) return true;
  }
  return false;
};
