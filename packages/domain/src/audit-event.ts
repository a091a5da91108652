import type { Actor } from "./authorise.ts";
import type { AuditEventId, CaseId, CredentialId, RotationId, SignalId } from "./ids.ts";
import type { Instant } from "./instant.ts";

/** Every audit event, once: `rekey.audit.<name>.v1` on the wire, each with a schema and a fixture. */
export const auditEventTypes = [
  "signal.opened",
  "signal.joined",
  "signals.joined",
  "signal.noted",
  "signal.refused",
  "signal.quarantined",
  "case.opened",
  "case.advanced",
  "case.wave-started",
  "case.waiting",
  "case.failed",
  "case.halted",
  "case.joined",
  "case.approved",
  "case.dismissed",
  "case.closed",
  "case.proceeded",
  "case.item-added",
  "rotation.opened",
  "rotation.proceeded",
  "rotation.planned",
  "rotation.step-intended",
  "rotation.step-confirmed",
  "rotation.step-failed",
  "rotation.waiting",
  "rotation.halted",
  "rotation.resumed",
  "rotation.escalated",
  "rotation.approved",
  "rotation.withdrawn",
  "rotation.undo-asked",
  "rotation.announced",
  "rotation.drained",
  "rotation.completed",
  "rotation.undone",
  "rotation.would-have",
  "version.planned",
  "version.staged",
  "version.minted",
  "version.verified",
  "version.promoted",
  "version.exposed",
  "version.contained",
  "version.suspended",
  "version.reinstated",
  "version.proven-dead",
  "version.ending",
  "version.revoked",
  "version.destroyed",
  "obligation.opened",
  "obligation.settled",
  "watch.started",
  "watch.probed",
  "watch.reopened",
  "watch.ended",
  "provider.foreign-found",
  "provider.gate-changed",
  "consumer.moved",
  "consumer.noted",
  "consumer.deployed",
  "inventory.applied",
  "mode.set",
  "pause.set",
  "breaker.held",
] as const;
export type AuditEventType = (typeof auditEventTypes)[number];

/** Plain data that may be published: no secret, no person's name. */
export type Detail = { readonly [key: string]: DetailValue };
export type DetailValue = string | number | boolean | null | readonly DetailValue[] | Detail;

/** What a command says of itself; the ledger adds `at`, `build` and the digest of the canonical bytes. */
export interface AuditDraft {
  readonly id: AuditEventId;
  readonly type: AuditEventType;
  readonly actor: Pick<Actor, "id" | "authenticated">;
  readonly reason: string;
  readonly credential?: CredentialId;
  readonly version?: number;
  readonly case?: CaseId;
  readonly rotation?: RotationId;
  readonly signal?: SignalId;
  readonly policyDigest?: string;
  readonly planDigest?: string;
  readonly signalAuthentication?: string;
  readonly detail: Detail;
}

/** An audit row: what was published, byte for byte. */
export interface AuditEvent extends AuditDraft {
  readonly at: Instant;
  readonly build: string;
  /** SHA-256, hex, of the canonical JSON of everything else. */
  readonly digest: string;
}

/**
 * An audit event in its place: 0, 1, 2, … without a gap, given after the commit and never changed. What was written by who had
 * seen another event stands behind it.
 */
export interface NumberedAuditEvent extends AuditEvent {
  readonly position: number;
}
