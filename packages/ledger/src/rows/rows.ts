import type {
  Announcement,
  Case,
  CaseId,
  CaseItem,
  Consumer,
  ConsumerId,
  Credential,
  CredentialId,
  EffectEntry,
  Fingerprint,
  Grant,
  Identity,
  Input,
  Instant,
  LedgerIdentity,
  ModeSetting,
  Obligation,
  OutboxEntry,
  Policy,
  ProcessBeat,
  ProviderGate,
  ReceivedSignal,
  Rotation,
  SignalId,
  SignalKind,
  SignalOutcome,
  Version,
  Watch,
  WorkKind,
  Pause,
  Problem,
} from "@rekey/domain";

/** Whose turn it is. `holdOpen`: claimed and not released; a claim that finds it set took over from a dead worker. */
export interface HoldColumns {
  readonly fence: number;
  readonly holdUntil: Instant;
  readonly holdBy?: string;
  readonly holdOpen: boolean;
}

interface Declared {
  readonly declared: boolean;
}

/** What sagas write on a credential's row; what people declared is `CredentialRow`. */
export interface CredentialHoldRow extends HoldColumns {
  readonly credential: CredentialId;
  readonly rotationNumber: number;
  readonly announcementSequence: number;
  readonly ended: boolean;
}

export type CredentialRow = Omit<Credential, "ended">;
export type RotationRow = Rotation & { readonly wakeAt?: Instant };
export type CaseRow = Case & HoldColumns & { readonly wakeAt?: Instant };
export type CaseItemRow = CaseItem & { readonly case: CaseId };

interface InputRow {
  readonly targetKind: WorkKind;
  readonly targetId: string;
  readonly seq: number;
  readonly payload: Input;
  readonly actor: string;
  readonly at: Instant;
}

export interface SignalInboxRow {
  readonly id: SignalId;
  readonly sourceSystem: string;
  readonly sourceFeed: string;
  readonly eventId: string;
  readonly kind?: SignalKind;
  readonly digest: string;
  readonly outcome: SignalOutcome;
  readonly reason: string;
  readonly case?: CaseId;
  readonly receivedAt: Instant;
  readonly signal?: ReceivedSignal["signal"];
  readonly authentication?: ReceivedSignal["authentication"];
  readonly coordinates: string;
  readonly problems: readonly Problem[];
}

/** `charged`: the budget that paid for it. */
interface ReservationRow {
  readonly key: string;
  readonly scope: string;
  readonly producer: string;
  readonly kind: "containment" | "kill";
  readonly charged: "kills" | "containments" | "approval";
  readonly reservedAt: Instant;
}

interface SightingRow {
  readonly consumer: ConsumerId;
  readonly instance: string;
  readonly lastSeenAt: Instant;
}

interface AcknowledgementRow {
  readonly consumer: ConsumerId;
  readonly credential: CredentialId;
  readonly instance: string;
  readonly version: number;
  readonly sequence: number;
  readonly acknowledgedAt: Instant;
  readonly counted: boolean;
}

interface TokenRow {
  readonly tokenId: string;
  readonly consumer: ConsumerId;
  readonly usedAt: Instant;
}

interface DeploymentRow {
  readonly service: string;
  readonly environment: string;
  readonly deployedAt: Instant;
}

interface ForeignRow {
  readonly credential: CredentialId;
  readonly principal: string;
  readonly actor: string;
  readonly reason: string;
  readonly at: Instant;
}

/** `announces`: its receipt goes to this rotation. */
export interface OutboxRow extends Omit<OutboxEntry, "id"> {
  readonly position: number;
  readonly shard: number;
  readonly announces?: Omit<Announcement, "at">;
}

/** The canonical bytes as text: what was published, and what the digest is of. */
export interface AuditRow {
  readonly id: string;
  readonly at: Instant;
  readonly type: string;
  readonly credential?: string;
  readonly case?: string;
  readonly rotation?: string;
  readonly signal?: string;
  readonly digest: string;
  readonly canonical: string;
}

export interface OutboxShardRow extends Omit<HoldColumns, "holdOpen"> {
  readonly shard: number;
}

/** Time as schedulers count it, and whose monotonic reading it was last counted from. */
export interface TicksRow {
  readonly passedMs: number;
  readonly countedBy?: string;
  readonly readingMs?: number;
  readonly countedAt?: Instant;
}

/** `behind`: why the ledger may be older than the world. `credentials`: whose stores or providers ever showed it. */
export interface WorldRow extends Partial<LedgerIdentity> {
  readonly behind?: string;
  readonly credentials: readonly CredentialId[];
}

/** What a pepper makes of a fixed text: another value under the same id is another pepper. */
interface PepperRow extends Fingerprint {
  readonly keptAt: Instant;
}

/** Every table of the ledger, and what one row of it is. */
export interface Rows {
  readonly identities: Identity & Declared;
  readonly policies: Policy & Declared;
  readonly consumers: Consumer & Declared;
  readonly credentials: CredentialRow;
  readonly holds: CredentialHoldRow;
  readonly grants: Grant & Declared;
  readonly versions: Version;
  readonly rotations: RotationRow;
  readonly effects: EffectEntry;
  readonly watches: Watch;
  readonly inputs: InputRow;
  readonly cases: CaseRow;
  readonly caseItems: CaseItemRow;
  readonly obligations: Obligation;
  readonly signals: SignalInboxRow;
  readonly reservations: ReservationRow;
  readonly sightings: SightingRow;
  readonly acknowledgements: AcknowledgementRow;
  readonly tokens: TokenRow;
  readonly deployments: DeploymentRow;
  readonly announcements: Announcement;
  readonly foreign: ForeignRow;
  readonly gates: ProviderGate;
  readonly modes: ModeSetting;
  readonly pause: Pause;
  readonly audit: AuditRow;
  readonly outbox: OutboxRow;
  readonly shards: OutboxShardRow;
  readonly processes: Omit<ProcessBeat, "monotonicMs"> & { readonly beatAt: Instant };
  readonly ticks: TicksRow;
  readonly world: WorldRow;
  readonly peppers: PepperRow;
}
export type TableName = keyof Rows;

type Keys = { readonly [Table in TableName]: (row: Rows[Table]) => string };

/** What makes a row itself: the primary key of its table, as one text. */
export const keyOf: Keys = {
  identities: (row) => row.id,
  policies: (row) => row.name,
  consumers: (row) => row.id,
  credentials: (row) => row.id,
  holds: (row) => row.credential,
  grants: (row) => `${row.consumer}/${row.credential}`,
  versions: (row) => versionKey(row.credential, row.number),
  rotations: (row) => row.id,
  effects: (row) => `${row.rotation}/${row.step}/${row.attempt}`,
  watches: (row) => row.id,
  inputs: (row) => String(row.seq),
  cases: (row) => row.id,
  caseItems: (row) => caseItemKey(row.case, row.credential),
  obligations: (row) => row.id,
  signals: (row) => row.id,
  reservations: (row) => row.key,
  sightings: (row) => `${row.consumer}/${row.instance}`,
  acknowledgements: (row) => `${row.credential}/${row.consumer}/${row.instance}`,
  tokens: (row) => row.tokenId,
  deployments: (row) => `${row.service}@${row.environment}`,
  announcements: (row) => row.credential,
  foreign: (row) => `${row.credential}/${row.principal}`,
  gates: (row) => row.issuer,
  modes: (row) => `${row.scope}/${row.name}`,
  pause: () => pauseKey,
  audit: (row) => row.id,
  outbox: (row) => String(row.position),
  shards: (row) => String(row.shard),
  processes: (row) => row.id,
  ticks: () => ticksKey,
  world: () => worldKey,
  peppers: (row) => row.scheme,
};

export const pauseKey = "pause";
export const ticksKey = "ticks";
export const worldKey = "world";
export const versionKey = (credential: string, number: number): string => `${credential}#${number}`;
export const caseItemKey = (caseId: string, credential: string): string =>
  `${caseId}/${credential}`;

/** A credential that no saga has touched yet. */
export const freshHold = (credential: CredentialId): CredentialHoldRow => ({
  credential,
  fence: 0,
  holdUntil: 0,
  holdOpen: false,
  rotationNumber: 0,
  announcementSequence: 0,
  ended: false,
});

export const noHold: HoldColumns = { fence: 0, holdUntil: 0, holdOpen: false };

/** The hold given back: its fence stays, so that the next claim is a later one. */
export const released = <Row extends HoldColumns>(row: Row): Omit<Row, "holdBy"> & HoldColumns => {
  const { holdBy: _worker, ...rest } = row;
  return { ...rest, holdUntil: 0, holdOpen: false };
};

/** Ends whoever holds it: what they write from now on carries an old fence. */
export const preempted = <Row extends HoldColumns>(
  row: Row,
): Omit<Row, "holdBy"> & HoldColumns => ({ ...released(row), fence: row.fence + 1 });

export const isOwnedBy = (row: HoldColumns | undefined, fence: number): boolean =>
  row !== undefined && row.fence === fence && row.holdOpen;

export const rotationOf = ({ wakeAt: _wake, ...rotation }: RotationRow): Rotation => rotation;

export const caseOf = (row: CaseRow): Case => {
  const { wakeAt: _wake, fence: _f, holdUntil: _u, holdBy: _b, holdOpen: _o, ...subject } = row;
  return subject;
};

export const caseItemOf = ({ case: _case, ...item }: CaseItemRow): CaseItem => item;

/** Earliest of when it is due and when it was woken. */
export const dueAtOf = (row: { readonly dueAt: Instant; readonly wakeAt?: Instant }): Instant =>
  row.wakeAt === undefined ? row.dueAt : Math.min(row.dueAt, row.wakeAt);

export const sameFingerprint = (left: Fingerprint, right: Fingerprint): boolean =>
  left.scheme === right.scheme && left.value === right.value;
