import type { Announcement } from "../announcement.ts";
import type { AuditDraft, Detail, NumberedAuditEvent } from "../audit-event.ts";
import type { Actor } from "../authorise.ts";
import type { BreakerAnswer } from "../breaker.ts";
import type { Case, CaseItem, Obligation } from "../case/case.ts";
import type { GateName, ProviderGate } from "../gate.ts";
import type {
  AuditEventId,
  CaseId,
  ConsumerId,
  CredentialId,
  IdentityId,
  PolicyName,
  RotationId,
  SignalId,
  WatchId,
} from "../ids.ts";
import type { Instant } from "../instant.ts";
import type { Consumer, Identity, InstanceName, Inventory } from "../inventory.ts";
import type { InventoryChange } from "../inventory-difference.ts";
import type { ModeSetting, Pause } from "../mode.ts";
import type { Refusal } from "../refusal.ts";
import type { Rotation } from "../rotation/rotation.ts";
import type { RejectedInput, SignalOutcome } from "../signal.ts";
import type { Lane } from "./jobs.ts";
import type { Fingerprint } from "./secret-value.ts";
import type {
  Hold,
  Input,
  PendingInput,
  EffectEntry,
  RotationClaim,
  RotationCommit,
  CaseClaim,
  CaseCommit,
  WatchClaim,
  WatchCommit,
  AdmitRequest,
  Admitted,
  DueWork,
  OutboxEntry,
  OutboxHold,
  ProcessBeat,
  ScopeQuery,
  ScopedCredential,
  BreakerRequest,
} from "./ledger-work.ts";
import type {
  AuditPage,
  Page,
  CredentialView,
  CaseView,
  SignalRow,
  Backlog,
  Standing,
} from "./ledger-views.ts";

/**
 * The ledger: a closed list of commands, each one transaction that locks its aggregate's row first. No
 * transaction crosses this port and nothing but SQL is awaited inside. In memory each command is a pure
 * function state → state; both pass one contract suite. Throws Fault (LEDGER_UNREACHABLE, with
 * `unknownOutcome` when a commit's fate is not known) and Assertion.
 */
export interface Ledger {
  // inventory and switches
  checkInventory(inventory: Inventory): Promise<readonly InventoryChange[]>;
  applyInventory(request: {
    inventory: Inventory;
    actor: Actor;
    reason: string;
  }): Promise<readonly InventoryChange[]>;
  setMode(request: { setting: ModeSetting; actor: Actor; reason: string }): Promise<void>;
  setPause(request: { pause: Pause; actor: Actor }): Promise<void>;
  switches(): Promise<{ readonly modes: readonly ModeSetting[]; readonly pause: Pause }>;
  acknowledgeForeign(request: {
    credential: CredentialId;
    principal: string;
    actor: Actor;
    reason: string;
  }): Promise<void | Refusal>;

  // intake
  admit(request: AdmitRequest): Promise<readonly Admitted[]>;
  rejectInputs(inputs: readonly RejectedInput[]): Promise<void>;

  // work
  due(request: {
    lane: Lane;
    limit: number;
    withinMs: number;
  }): Promise<{ readonly now: Instant; readonly items: readonly DueWork[] }>;
  claimRotation(request: { id: RotationId; worker: string }): Promise<RotationClaim | undefined>;
  /** Loads the claim of a hold that is still ours (born claimed by intake). */
  heldRotation(hold: Hold): Promise<RotationClaim | undefined>;
  claimCase(request: { id: CaseId; worker: string }): Promise<CaseClaim | undefined>;
  claimWatch(request: { id: WatchId; worker: string }): Promise<WatchClaim | undefined>;
  /** False when the fence moved on: the running step must stop. */
  renew(hold: Hold): Promise<boolean>;
  /**
   * Ends every hold but this worker's and counts a lost claim for each: only where this process is known to be
   * the only one, as with an embedded data directory that is claimed exclusively. Answers how many it ended.
   */
  endForeignHolds(request: { worker: string }): Promise<number>;
  /** Unconsumed inputs that arrived since the claim, and the database's time; undefined when fenced off. */
  freshInputs(
    hold: Hold,
  ): Promise<
    | { readonly now: Instant; readonly inputs: readonly PendingInput[]; readonly pause: Pause }
    | undefined
  >;
  /** What a held rotation's credential owes now, also by what joined since the claim; undefined when fenced off. */
  openDebt(hold: Hold): Promise<readonly Obligation[] | undefined>;
  recordRotation(
    hold: Hold,
    commit: RotationCommit,
  ): Promise<{ readonly now: Instant } | undefined>;
  recordCase(
    hold: Hold,
    commit: CaseCommit,
  ): Promise<{ readonly now: Instant; readonly items: readonly CaseItem[] } | undefined>;
  recordWatch(hold: Hold, commit: WatchCommit): Promise<{ readonly now: Instant } | undefined>;
  appendInput(request: {
    target: { readonly kind: "case" | "rotation"; readonly id: string };
    input: Input;
    actor: Actor;
    audit?: AuditDraft;
  }): Promise<void | Refusal>;
  scope(query: ScopeQuery): Promise<readonly ScopedCredential[]>;
  reserve(hold: Hold, request: BreakerRequest): Promise<BreakerAnswer>;

  // consumers
  /** A version that is not known is refused and never counts; that the instance was heard from is kept all the same. */
  sight(request: {
    consumer: ConsumerId;
    credential?: CredentialId;
    instance: string;
    version?: number;
    sequence?: number;
    /** When it was said, where that was earlier than now: what a lag held back is not taken for a later word. */
    at?: Instant;
    counted: boolean;
    tokenId?: string;
  }): Promise<void | Refusal>;
  /**
   * Forgets tokens that no path accepts any more, the oldest first and a bounded number of them. Answers how many: a replay is
   * refused by its token until then, and by its age afterwards.
   */
  forgetTokens(): Promise<number>;
  /**
   * Looks at a bounded number of instances behind `after` and forgets those that were heard from longer than `idleMs` ago with
   * what they acknowledged, a bounded number of rows. Answers how many, and the last one looked at where more may follow. Those of a consumer
   * whose credential is being rotated stay, unless the rotation is halted and began longer ago than that.
   */
  forgetInstances(request: {
    readonly idleMs: number;
    readonly after?: InstanceName;
  }): Promise<{ readonly forgotten: number; readonly next?: InstanceName }>;
  announcementsFor(consumer: ConsumerId): Promise<readonly Announcement[]>;
  consumer(id: ConsumerId): Promise<Consumer | undefined>;

  // provider gates
  /** `contains`: a containment asks, which waits for nobody but who asked just now. */
  gate(request: {
    issuer: GateName;
    contains: boolean;
  }): Promise<{ readonly allowed: boolean; readonly gate: ProviderGate }>;
  /** When the gate opens, whatever waits for it is due: urgent work at once, the rest spread over ten seconds. */
  reportGate(request: {
    issuer: GateName;
    ok: boolean;
    jitter: number;
    retryAfterMs?: number;
  }): Promise<ProviderGate>;
  /** The call that the gate let through at `askedAt` was not made: whoever asks next may make it. */
  returnGate(request: { issuer: GateName; askedAt: Instant }): Promise<ProviderGate>;

  // outbox
  /** Shards with something to send, in order, held or not: what an idle relay asks instead of trying each. */
  outboxWaiting(): Promise<readonly number[]>;
  holdOutboxShard(request: { shard: number; worker: string }): Promise<OutboxHold | undefined>;
  /** The oldest of the shard; of one kind only where that is asked, so that neither hides the other. */
  readOutbox(
    hold: OutboxHold,
    limit: number,
    only?: "events" | "notices",
  ): Promise<readonly OutboxEntry[]>;
  markSent(hold: OutboxHold, ids: readonly string[]): Promise<boolean>;
  releaseOutboxShard(hold: OutboxHold): Promise<void>;

  // order of the audit log
  /**
   * Gives the next positions to audit events that were committed and have none, a bounded number of them, unless another one
   * is at it. Answers how many.
   */
  numberAuditEvents(): Promise<number>;

  // clock and processes
  /** `live` processes of any kind, and how many of them are of `callingKinds`: this one is counted. */
  beat(
    beat: ProcessBeat,
  ): Promise<{ readonly now: Instant; readonly live: number; readonly calling: number }>;
  /**
   * Keeps which PostgreSQL the ledger is in, the first time, and compares ever after. Another one pauses everything,
   * containment too, and pages, once; the pause that a person lifts accepts it. Answers why it may be behind.
   */
  compareIdentity(): Promise<{ readonly behind?: string }>;
  /**
   * A store or provider showed a rotation that is newer than the ledger: the same pause and page, once per credential.
   */
  reportBehind(request: { credential: CredentialId }): Promise<void>;
  /**
   * Keeps what a pepper makes of a fixed text when its id is seen for the first time; a value that is kept stays.
   * Answers what is kept of every pepper, the newest first.
   */
  keepPepper(check: Fingerprint): Promise<readonly Fingerprint[]>;
  /** The same without keeping anything. */
  peppers(): Promise<readonly Fingerprint[]>;
  /** Credentials whose current version is older than their policy allows and that have no open campaign for it. */
  dueForSchedule(limit: number): Promise<
    readonly {
      readonly credential: CredentialId;
      readonly version: number;
      readonly policy: PolicyName;
      readonly dueAt: Instant;
    }[]
  >;
  backlog(): Promise<Backlog>;
  standing(): Promise<Standing>;

  // reads
  credentials(
    page: Page & { readonly environment?: string; readonly identity?: IdentityId },
  ): Promise<readonly CredentialView[]>;
  credential(id: CredentialId): Promise<CredentialView | undefined>;
  identity(id: IdentityId): Promise<Identity | undefined>;
  cases(page: Page & { readonly open?: boolean }): Promise<readonly Case[]>;
  case(id: CaseId): Promise<CaseView | undefined>;
  rotation(
    id: RotationId,
  ): Promise<{ readonly rotation: Rotation; readonly effects: readonly EffectEntry[] } | undefined>;
  debt(page: Page): Promise<readonly Obligation[]>;
  signals(
    page: Page & { readonly outcomes: readonly SignalOutcome[] },
  ): Promise<readonly SignalRow[]>;
  signal(id: SignalId): Promise<SignalRow | undefined>;
  /**
   * In the order of their positions, from behind `after` on, and numbered as far as was committed before: who goes on from the
   * last position that it saw misses nothing, whatever commits meanwhile.
   */
  auditEvents(page: AuditPage): Promise<readonly NumberedAuditEvent[]>;
  /** Where an event stands; undefined where no such event was committed. */
  auditPosition(id: AuditEventId): Promise<number | undefined>;
  knownFingerprint(
    fingerprints: readonly Fingerprint[],
  ): Promise<{ readonly credential: CredentialId; readonly version: number } | undefined>;
  /** `behind`: why the ledger may be older than the world, until a person lifts the pause. */
  check(): Promise<{ readonly now: Instant; readonly server: Detail; readonly behind?: string }>;
  close(): Promise<void>;
}
