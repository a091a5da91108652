import { alarmAtAttempt, backoffMs, faultCodes, type Fault, type Halt } from "@rekey/domain";
import { reportToGate } from "./provider-gate.ts";
import { apply, commit, journal, noteAttempt, type Turn } from "./turn.ts";

export const endInFault = async (turn: Turn, fault: Fault): Promise<void> => {
  await reportToGate(turn, fault);
  const reason = faultCodes[fault.code].text;
  if (fault.code === "LEDGER_BEHIND_WORLD")
    await turn.parts.ledger.reportBehind({ credential: turn.rotation.credential });
  noteEffect(turn, fault);
  if (fault.action !== "retry") {
    const halt: Halt = { code: fault.code, reason, nextSafeAction: faultCodes[fault.code].next };
    return await endInHalt(
      turn,
      fault.providerCode === undefined ? halt : { ...halt, providerCode: fault.providerCode },
    );
  }
  const dueAt =
    turn.now + backoffMs(turn.rotation.failures, turn.parts.random(), fault.retryAfterMs ?? 0);
  const key = turn.rotation.open?.key ?? "";
  apply(turn, { type: "fail", key, code: fault.code, dueAt, settled: false }, reason);
  noteAttempt(turn, fault.code);
  if (turn.rotation.failures === alarmAtAttempt) notify(turn, fault.code, "today");
  wakeCasesOf(turn);
  turn.parts.log.warn("step will be tried again", {
    rotation: turn.rotation.id,
    credential: turn.rotation.credential,
    step: key,
    code: fault.code,
    providerCode: fault.providerCode ?? "",
  });
  await commit(turn, true);
};

/** An effect whose end is not known stays intended: the next attempt confirms it first. */
const noteEffect = (turn: Turn, fault: Fault): void => {
  const { open, id } = turn.rotation;
  if (open === undefined || fault.unknownOutcome || fault.code === "PROVIDER_TIMEOUT") return;
  const { key, attempt } = open;
  const [kind, version] = key.split("#");
  journal(turn, {
    step: key,
    attempt,
    state: "failed",
    key: `${id}/${kind}/${Number.parseInt(version ?? "0", 10)}/${attempt}`,
    fault: fault.code,
  });
};

export const endInHalt = async (turn: Turn, halt: Halt): Promise<void> => {
  const dueAt = turn.now + backoffMs(turn.rotation.failures + 6, turn.parts.random());
  apply(turn, { type: "halt", halt, dueAt }, halt.reason);
  turn.rotation = { ...turn.rotation, failures: turn.rotation.failures + 1 };
  noteAttempt(turn, halt.code);
  notify(turn, halt.code, faultCodes[halt.code].action === "page" ? "page" : "today");
  wakeCasesOf(turn);
  turn.parts.log.warn("rotation halted", {
    rotation: turn.rotation.id,
    credential: turn.rotation.credential,
    code: halt.code,
    providerCode: halt.providerCode ?? "",
  });
  await commit(turn, true);
};

const notify = (turn: Turn, code: Halt["code"], urgency: "page" | "today"): void => {
  turn.draft.notices.push({
    to: urgency === "page" ? "on-call" : "owner",
    about: turn.rotation.credential,
    text: `${faultCodes[code].text}: ${faultCodes[code].next}`,
    dedupeKey: `${turn.rotation.id}/${code}`,
    urgency,
  });
};

export const wakeCasesOf = (turn: Turn): void => {
  for (const cause of turn.rotation.causes) turn.draft.wakeCases.add(cause.case);
};
