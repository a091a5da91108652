import {
  adviceOf,
  alarmAtAttempt,
  awayCapMs,
  backoffMs,
  faultCodes,
  gateRetryMaxMs,
  laneOf,
  type Fault,
  type Halt,
  type Instant,
  type ProviderGate,
} from "@rekey/domain";
import { awayCodes, reportToGate } from "./provider-gate.ts";
import { apply, commit, journal, noteAttempt, type Turn } from "./turn.ts";

export const endInFault = async (turn: Turn, fault: Fault): Promise<void> => {
  const gate = await reportToGate(turn, fault);
  const { text: reason, next } = adviceOf(fault);
  if (fault.code === "LEDGER_BEHIND_WORLD")
    await turn.parts.ledger.reportBehind({ credential: turn.rotation.credential });
  noteEffect(turn, fault);
  if (fault.action !== "retry") {
    const halt: Halt = { code: fault.code, reason, nextSafeAction: next };
    return await endInHalt(
      turn,
      fault.providerCode === undefined ? halt : { ...halt, providerCode: fault.providerCode },
    );
  }
  const dueAt = retryAt(turn, fault, gate);
  const key = turn.rotation.open?.key ?? "";
  apply(turn, { type: "fail", key, code: fault.code, dueAt, settled: false }, reason);
  noteAttempt(turn, fault.code);
  if (turn.rotation.failures === alarmAtAttempt)
    notify(turn, fault, isUncontained(turn) ? "page" : "today");
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

const isContaining = ({ open }: Turn["rotation"]): boolean =>
  open?.key.startsWith("contain#") === true;

/** What leaked may still work: nobody has seen it refused. */
const isUncontained = ({ rotation, versions }: Turn): boolean =>
  isContaining(rotation) ||
  (laneOf(rotation) === "urgent" &&
    rotation.dying.some((number) => {
      const version = versions.get(number);
      return version?.exposedAt !== undefined && version.containedAt === undefined;
    }));

/** A try without an answer may have been a refused login: where those count towards a lock, it slows down as a refusal does. */
const isAway = ({ parts, claim }: Turn, { code }: Fault): boolean =>
  awayCodes.has(code) ||
  (code === "PROOF_UNKNOWN" &&
    parts.issuers.get(claim.credential.issuer.instance)?.capabilities.probeCountsAsFailedLogin ===
      false);

/** Whoever met a closed gate is the one that asks it again; a containment obeys a provider's wish no longer than the cap. */
const retryAt = (turn: Turn, fault: Fault, gate: ProviderGate | undefined): Instant => {
  const { failures } = turn.rotation;
  const { retryAfterMs: wishMs = 0 } = fault;
  const ownMs = backoffMs(failures, turn.parts.random());
  if (!isAway(turn, fault)) return turn.now + Math.max(ownMs, wishMs);
  if (isContaining(turn.rotation))
    return turn.now + Math.max(Math.min(ownMs, gateRetryMaxMs), Math.min(wishMs, awayCapMs));
  if (gate?.state === "closed") return Math.max(gate.retryAt, turn.now + wishMs);
  return turn.now + Math.max(Math.min(ownMs, awayCapMs), wishMs);
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
  notify(turn, halt, faultCodes[halt.code].action === "page" ? "page" : "today");
  wakeCasesOf(turn);
  turn.parts.log.warn("rotation halted", {
    rotation: turn.rotation.id,
    credential: turn.rotation.credential,
    code: halt.code,
    providerCode: halt.providerCode ?? "",
  });
  await commit(turn, true);
};

type Told = Pick<Halt, "code"> & {
  readonly provider?: string | undefined;
  readonly providerCode?: string | undefined;
};

const notify = (turn: Turn, told: Told, urgency: "page" | "today"): void => {
  const { text, next } = adviceOf(told);
  turn.draft.notices.push({
    to: urgency === "page" ? "on-call" : "owner",
    about: turn.rotation.credential,
    text: `${text}${whoseOf(turn, told)}: ${next}`,
    dedupeKey: `${turn.rotation.id}/${told.code}`,
    urgency,
  });
};

/** Which of several stores or issuers, and what it said itself. */
const whoseOf = ({ claim }: Turn, { code, provider, providerCode }: Told): string => {
  const { issuer, store } = claim.credential;
  const isStore = code.startsWith("STORE_");
  const ofIssuer = code.startsWith("PROVIDER_") || code.startsWith("PROOF_");
  const own = isStore ? store?.store : ofIssuer ? issuer.instance : undefined;
  const name = provider ?? own;
  const words = [
    ...(name === undefined ? [] : [`${isStore ? "store" : "issuer"} ${name}`]),
    ...(providerCode === undefined ? [] : [providerCode]),
  ];
  return words.length === 0 ? "" : ` (${words.join(", ")})`;
};

export const wakeCasesOf = (turn: Turn): void => {
  for (const cause of turn.rotation.causes) turn.draft.wakeCases.add(cause.case);
};
