import type { AuditDraft } from "../audit-event.ts";
import type { BreakerReservation } from "../breaker.ts";
import type { Capabilities } from "../capabilities.ts";
import type { Case, CaseItem, Obligation, Watch } from "../case/case.ts";
import type { ProviderGate } from "../gate.ts";
import type { CaseId, ConsumerId, IdentityId, RotationId, SignalId } from "../ids.ts";
import type { Instant } from "../instant.ts";
import type { Consumer, Credential, InstanceSighting } from "../inventory.ts";
import type { ModeSetting, Pause } from "../mode.ts";
import type { BreakerLimits, Policy } from "../policy.ts";
import type { Escalation } from "../rotation/commands.ts";
import type { RotationOpening } from "../rotation/open.ts";
import type { Rotation } from "../rotation/rotation.ts";
import type { Confidence, ReceivedSignal, SignalOutcome } from "../signal.ts";
import type { Version } from "../version.ts";
import type { Notice } from "./environment.ts";
import type { WorkKind } from "./jobs.ts";

/** Longest a hold lasts without renewal, and how often a worker renews it. */
export const holdMs = 15_000;
export const holdRenewMs = 5_000;
/** Signals in one intake transaction. */
export const admitBatchMax = 500;
/** Rows one expand commit adds. */
export const expandBatchMax = 500;
export const outboxShards = 16;

/** A claim's proof: every write of saga state carries it, and writes nothing when the fence moved on. */
export interface Hold {
  readonly kind: WorkKind;
  /** The rotation, case or watch. */
  readonly id: string;
  /** Where fence and hold live: the credential's row for rotations and watches, the case's own for cases. */
  readonly row: string;
  readonly fence: number;
}

/** An input that others left for the holder; consumed in the commit that records its effect. */
export type Input =
  | { readonly type: "escalate"; readonly escalation: Escalation; readonly unknownSince?: Instant }
  | {
      readonly type: "announced";
      readonly at: Instant;
      /** Which version was announced: the receipt of an earlier announcement confirms no later one. */
      readonly version?: number;
    }
  | { readonly type: "moved"; readonly consumer: ConsumerId }
  | {
      readonly type: "approve";
      readonly by: string;
      readonly reason?: string;
      /** Present when a case tells its rotations: it counts for that case. */
      readonly case?: CaseId;
    }
  | {
      readonly type: "dismiss";
      readonly by: string;
      readonly reason: string;
      /** Present when a case tells its rotations: only its own cause goes. */ readonly case?: CaseId;
    }
  | {
      readonly type: "resume";
      readonly by: string;
      readonly cutOff: boolean;
      readonly reason?: string;
    }
  | { readonly type: "undo"; readonly by: string; readonly reason?: string }
  | { readonly type: "woken"; readonly reason: string };

export interface PendingInput {
  readonly seq: number;
  readonly input: Input;
}

export const effectStates = ["intended", "confirmed", "absent", "failed"] as const;
export type EffectState = (typeof effectStates)[number];

/** The effects journal: no effect at a provider or store without its committed intent. */
export interface EffectEntry {
  readonly rotation: RotationId;
  readonly step: string;
  readonly attempt: number;
  readonly version?: number;
  readonly state: EffectState;
  /** `rotation/step/version/attempt`. */
  readonly key: string;
  /** Principals the provider listed when a mint was intended. */
  readonly baseline?: readonly string[];
  readonly fault?: string;
}

/** A consumer of the credential with what is known of its instances. */
export interface ConsumerView {
  readonly consumer: Consumer;
  readonly instances: readonly InstanceSighting[];
  readonly deployedAt?: Instant;
}

/** Everything one turn of a rotation needs, read under its hold. */
export interface RotationClaim {
  readonly hold: Hold;
  readonly now: Instant;
  /** Milliseconds that schedulers have counted by their own monotonic clocks. */
  readonly ticks: number;
  readonly credential: Credential;
  readonly policy: Policy;
  readonly rotation: Rotation;
  readonly versions: readonly Version[];
  readonly inputs: readonly PendingInput[];
  readonly effects: readonly EffectEntry[];
  readonly consumers: readonly ConsumerView[];
  readonly gate: ProviderGate;
  /** The gate of the store that keeps its value; open where it has none. */
  readonly storeGate?: ProviderGate;
  readonly pause: Pause;
  readonly modes: readonly ModeSetting[];
  /** The control credential of the same issuer instance and its current version, if there is one. */
  readonly control?: { readonly credential: Credential; readonly version: Version };
  /** Principals at the provider that a person acknowledged as foreign. */
  readonly foreignAcknowledged: readonly string[];
  readonly obligations: readonly Obligation[];
}

/** What a turn's commit writes, all or nothing, fenced. */
export interface RotationCommit {
  readonly rotation: Rotation;
  readonly versions: readonly Version[];
  readonly inputsConsumed: readonly number[];
  readonly effects: readonly EffectEntry[];
  readonly obligations: readonly Obligation[];
  readonly watches: readonly Watch[];
  readonly audit: readonly AuditDraft[];
  /** Announced with the next sequence of the credential; its receipt comes back as an `announced` input. */
  readonly announce?: { readonly version: number };
  readonly notices: readonly Notice[];
  readonly wakeCases: readonly CaseId[];
  readonly ended?: boolean;
  /** Ends the hold: the turn is over. */
  readonly release: boolean;
}

export interface CaseClaim {
  readonly hold: Hold;
  readonly now: Instant;
  readonly case: Case;
  readonly items: readonly CaseItem[];
  readonly inputs: readonly PendingInput[];
  readonly obligations: readonly Obligation[];
  /** The rotations its items name. */
  readonly rotations: readonly Rotation[];
  readonly modes: readonly ModeSetting[];
  readonly pause: Pause;
}

export interface CaseCommit {
  readonly case: Case;
  readonly items: readonly CaseItem[];
  /** Opened, or joined where the credential has an active rotation; the item gets its id either way. */
  readonly openings: readonly RotationOpening[];
  readonly inputsConsumed: readonly number[];
  readonly obligations: readonly Obligation[];
  readonly audit: readonly AuditDraft[];
  readonly notices: readonly Notice[];
  readonly release: boolean;
}

export interface WatchClaim {
  readonly hold: Hold;
  readonly now: Instant;
  readonly watch: Watch;
  readonly credential: Credential;
  readonly policy: Policy;
  readonly version: Version;
  readonly versions: readonly Version[];
  readonly control?: { readonly credential: Credential; readonly version: Version };
  readonly pause: Pause;
}

export interface WatchCommit {
  readonly watch: Watch;
  readonly audit: readonly AuditDraft[];
  readonly notices: readonly Notice[];
  /** Alive again: a case of the next episode opens in the same transaction (kind incident, mode of the scope), with an opening for it. */
  readonly reopen?: boolean;
  readonly release: boolean;
}

export interface AdmitRequest {
  readonly signals: readonly ReceivedSignal[];
  readonly capabilities: Readonly<Record<string, Capabilities>>;
  readonly worker: string;
  /**
   * Told of each turn that the commit under way begins, before it is known to stand: to read and to get ready, never
   * to change anything. Of a commit that is tried again it is told again, and one that fails is not taken back.
   */
  readonly foreseen?: (claim: RotationClaim) => void;
}

export interface Admitted {
  readonly signal: SignalId;
  readonly outcome: SignalOutcome;
  readonly reason: string;
  readonly case?: CaseId;
  /** Born claimed with its containment intended: the urgent worker of this process acts on it at once. */
  readonly urgent?: Hold;
  /** Its turn's beginning, as the same commit left it, where the ledger has read it along; else `heldRotation` does. */
  readonly claim?: RotationClaim;
}

export interface DueWork {
  readonly kind: WorkKind;
  readonly id: string;
  readonly generation: number;
  readonly dueAt: Instant;
}

export interface OutboxEntry {
  readonly id: string;
  readonly topic: string;
  readonly key: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly value: string;
}

export interface OutboxHold {
  readonly shard: number;
  readonly fence: number;
}

export interface ProcessBeat {
  readonly id: string;
  readonly kinds: readonly string[];
  readonly build: string;
  /**
   * The process's own monotonic clock now, in milliseconds. What has passed since its last beat becomes ticks,
   * at most `tickMsMax`, where it is the one that counts; another one takes over after ten seconds of silence.
   */
  readonly monotonicMs: number;
}

/** Which PostgreSQL the ledger is in. Another one than before is a restored copy or a failover: it may be older than the world. */
export interface LedgerIdentity {
  /** The system identifier that initdb gave. */
  readonly system: string;
  readonly timeline: number;
}

/** What an expand step may find: credentials in a case's scope in id order, after the cursor. */
export interface ScopeQuery {
  readonly identity?: IdentityId;
  readonly service?: string;
  readonly environment?: string;
  readonly after?: string;
  readonly limit: number;
}

export interface ScopedCredential {
  readonly credential: Credential;
  readonly aliveVersions: readonly number[];
  /** Declared consumers besides the ones in scope: a shared credential is left to them. */
  readonly otherConsumers: readonly ConsumerId[];
}

export interface BreakerRequest {
  readonly reservation: BreakerReservation;
  readonly limits: BreakerLimits;
  readonly approvals: number;
  readonly confidence: Confidence;
  readonly trustedFeed: boolean;
  readonly producers: number;
}
