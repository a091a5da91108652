import {
  faultCodes,
  type CredentialId,
  type Detail,
  type FaultCode,
  type LedgerIdentity,
  type Pause,
} from "@rekey/domain";
import type { Draft } from "../rows/draft.ts";
import { worldKey, type WorldRow } from "../rows/rows.ts";
import { auditOwn, detailOf } from "./audit.ts";
import { sendNotices } from "./outbox-record.ts";

const code: FaultCode = "LEDGER_BEHIND_WORLD";

type Reader = Pick<Draft, "get">;

const worldOf = (draft: Reader): WorldRow => draft.get("world", worldKey) ?? { credentials: [] };

/** Why the ledger may be older than the world; undefined where nothing says so, or a person has accepted it. */
export const behindOf = (draft: Reader): { readonly behind?: string } => {
  const { behind } = worldOf(draft);
  return behind === undefined ? {} : { behind };
};

/** True while there is nothing to write: the ledger is where it was, or it is known to be behind. */
export const isWhereItWas = (draft: Reader, identity: LedgerIdentity): boolean => {
  const row = worldOf(draft);
  return row.behind !== undefined || movedFrom(row, identity) === undefined;
};

/** Keeps where the ledger is, or pauses everything where it is somewhere else than before. */
export const compareIdentity = (
  draft: Draft,
  identity: LedgerIdentity,
): { readonly behind?: string } => {
  const row = worldOf(draft);
  const moved = movedFrom(row, identity);
  if (row.system === undefined) draft.put("world", { ...row, ...identity });
  else if (row.behind === undefined && moved !== undefined) fallBehind(draft, moved);
  return behindOf(draft);
};

const movedFrom = (row: WorldRow, { system, timeline }: LedgerIdentity): string | undefined => {
  if (row.system !== system) return "the ledger is in another PostgreSQL than before";
  if (row.timeline === timeline) return undefined;
  return `the ledger's PostgreSQL is on timeline ${timeline}, and was on ${row.timeline}`;
};

/** A store or provider is newer. What it showed of one credential pauses everything once. */
export const reportBehind = (
  draft: Draft,
  { credential }: { readonly credential: CredentialId },
): void => {
  const row = worldOf(draft);
  if (row.credentials.includes(credential)) return;
  draft.put("world", { ...row, credentials: [...row.credentials, credential] });
  if (row.behind === undefined)
    fallBehind(draft, `a store or provider shows a newer rotation of ${credential}`, credential);
};

const fallBehind = (draft: Draft, behind: string, credential?: CredentialId): void => {
  const pause: Pause = { paused: true, all: true, reason: `${behind} (${code})` };
  draft.put("world", { ...worldOf(draft), behind });
  draft.put("pause", pause);
  auditOwn(draft, {
    type: "pause.set",
    reason: behind,
    ...(credential === undefined ? {} : { credential }),
    detail: detailOf({ paused: true, all: true, code }),
  });
  sendNotices(draft, [
    {
      to: "on-call",
      about: "ledger",
      text: `${behind}: everything is paused. ${faultCodes[code].next}`,
      dedupeKey: `${code}/${draft.now}`,
      urgency: "page",
    },
  ]);
};

/** The pause as it may be set: while the ledger is behind, nothing is paused by half. */
export const pauseAllowed = (draft: Reader, pause: Pause): Pause =>
  pause.paused && worldOf(draft).behind !== undefined ? { ...pause, all: true } : pause;

/** A person who lifts the pause accepts where the ledger is, and what its credentials showed. For the audit row. */
export const acceptWorld = (draft: Draft, identity: LedgerIdentity): Detail => {
  const { behind, credentials } = worldOf(draft);
  if (behind === undefined) return {};
  draft.put("world", { ...identity, credentials });
  return detailOf({ accepted: behind, ...identity });
};
