import {
  askGate,
  laneOf,
  reportToGate,
  returnCall,
  second,
  storeGate,
  type Credential,
  type GateName,
  type Instant,
  type ProviderGate,
} from "@rekey/domain";
import type { Draft } from "../rows/draft.ts";
import type { RotationRow } from "../rows/rows.ts";
import { auditOwn } from "./audit.ts";
import { gateOf } from "./views.ts";

/** Over this long the work that waited for a provider comes back; urgent work comes first, at once. */
const gateSpreadMs = 10 * second;
/** Rotations woken by one opening; more than that are due by their own time. */
const gateWakeMax = 10_000;

// Successive multiples of the golden ratio spread evenly, whatever the start.
const golden = 0.618_033_988_749_895;

/** Whether one call may go to the provider now. */
export const gate = (
  draft: Draft,
  { issuer, contains }: { readonly issuer: GateName; readonly contains: boolean },
): { readonly allowed: boolean; readonly gate: ProviderGate } => {
  const before = gateOf(draft, issuer);
  const answer = askGate(before, draft.now, { contains });
  if (answer.gate !== before) draft.put("gates", answer.gate);
  return answer;
};

/** A call that was let through and not made is the next one's. */
export const returnGate = (
  draft: Draft,
  { issuer, askedAt }: { readonly issuer: GateName; readonly askedAt: Instant },
): ProviderGate => {
  const before = gateOf(draft, issuer);
  const after = returnCall(before, { askedAt, now: draft.now });
  if (after !== before) draft.put("gates", after);
  return after;
};

/** What a call's end does to the gate; when it opens again, whatever waits for the provider becomes due. */
export const reportGate = (
  draft: Draft,
  report: {
    readonly issuer: GateName;
    readonly ok: boolean;
    readonly jitter: number;
    readonly retryAfterMs?: number;
  },
): ProviderGate => {
  const { jitter, retryAfterMs } = report;
  const before = gateOf(draft, report.issuer);
  const after = reportToGate(before, report.ok, { now: draft.now, jitter, retryAfterMs });
  if (!sameGate(before, after)) draft.put("gates", after);
  if (before.state !== after.state && (before.state === "open" || after.state === "open"))
    auditChange(draft, before, after);
  if (before.state !== "open" && after.state === "open") wakeWaiting(draft, report);
  return after;
};

const sameGate = (left: ProviderGate, right: ProviderGate): boolean =>
  left.state === right.state &&
  left.failures === right.failures &&
  (left.retryAt === right.retryAt || left.state === "open");

const auditChange = (draft: Draft, before: ProviderGate, after: ProviderGate): void =>
  auditOwn(draft, {
    type: "provider.gate-changed",
    reason:
      after.state === "open"
        ? `the ${isStore(after) ? "store" : "provider"} answers again`
        : `the ${isStore(after) ? "store" : "provider"} does not answer`,
    detail: {
      ...(isStore(after)
        ? { store: after.issuer.slice("store/".length) }
        : { issuer: after.issuer }),
      from: before.state,
      to: after.state,
      failures: after.failures,
    },
  });

const isStore = ({ issuer }: ProviderGate): boolean => issuer.startsWith("store/");

const isBehind = (
  gate: GateName,
  credential: Pick<Credential, "issuer" | "store"> | undefined,
): boolean =>
  credential !== undefined &&
  (credential.issuer.instance === gate ||
    (credential.store !== undefined && storeGate(credential.store.store) === gate));

const wakeWaiting = (
  draft: Draft,
  { issuer, jitter }: { readonly issuer: GateName; readonly jitter: number },
): void => {
  const waiting = draft
    .rows("rotations")
    .filter((row) => row.state.at === "waiting" && row.state.for === "provider")
    .filter((row) => isBehind(issuer, draft.get("credentials", row.credential)))
    .sort((left, right) => (left.id < right.id ? -1 : 1))
    .slice(0, gateWakeMax);
  for (const [index, row] of waiting.entries()) {
    draft.wake("rotations", row.id, draft.now + delayOf(row, jitter + index * golden));
  }
};

const delayOf = (row: RotationRow, spread: number): number =>
  laneOf(row) === "urgent" ? 0 : Math.floor((spread % 1) * gateSpreadMs);
