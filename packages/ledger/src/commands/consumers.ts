import {
  day,
  isTerminal,
  refuse,
  statementHeardForMs,
  type Actor,
  type Announcement,
  type AuditEventType,
  type ConsumerId,
  type CredentialId,
  type InstanceName,
  type Instant,
  type Ledger,
  type Refusal,
} from "@rekey/domain";
import type { Draft } from "../rows/draft.ts";
import { versionKey } from "../rows/rows.ts";
import { auditOwn, detailOf } from "./audit.ts";
import { leaveInput } from "./inputs.ts";
import { activeRotation } from "./open-rotation.ts";

export interface SightRequest {
  readonly consumer: ConsumerId;
  readonly credential?: CredentialId;
  readonly instance: string;
  readonly version?: number;
  readonly sequence?: number;
  readonly at?: Instant;
  readonly counted: boolean;
  readonly tokenId?: string;
}

/**
 * A statement reaches a topic within 35 minutes of its first use (15 of age, twice 10 for clocks) and is heard there for a
 * bounded time. The rest of the day is for the clocks of brokers and readers.
 */
export const tokenKeptMs = statementHeardForMs + day;
/** Of one call; the scheduler's round makes one. */
export const tokensForgottenMax = 1_000;

/** Tokens that were used so long ago that nothing accepts their statement again. */
export const forgetTokens = (draft: Draft): number => {
  const old = draft
    .rows("tokens")
    .filter(({ usedAt }) => usedAt < draft.now - tokenKeptMs)
    .sort((left, right) => left.usedAt - right.usedAt)
    .slice(0, tokensForgottenMax);
  for (const token of old) draft.remove("tokens", token);
  return old.length;
};

/** Instances that one call looks at, and as many acknowledgements that it forgets. */
export const instancesForgottenMax = 1_000;

type Forgetting = Parameters<Ledger["forgetInstances"]>[0];
type Forgotten = Awaited<ReturnType<Ledger["forgetInstances"]>>;

/** Instances that nobody heard of for so long, with what they said. A drain that goes on may still be about any of them. */
export const forgetInstances = (draft: Draft, { idleMs, after }: Forgetting): Forgotten => {
  const since = draft.now - idleMs;
  const busy = consumersInRotation(draft, since);
  const looked = draft
    .rows("sightings")
    .filter((row) => after === undefined || isBehind(row, after))
    .sort((left, right) => (isBehind(left, right) ? 1 : -1))
    .slice(0, instancesForgottenMax);
  const idle = looked.filter((row) => row.lastSeenAt < since && !busy.has(row.consumer));
  const names = new Set(idle.map(nameOf));
  const all = draft.rows("acknowledgements").filter((row) => names.has(nameOf(row)));
  const said = all.slice(0, instancesForgottenMax);
  const left = new Set(all.slice(instancesForgottenMax).map(nameOf));
  const seen = idle.filter((row) => !left.has(nameOf(row)));
  for (const row of said) draft.remove("acknowledgements", row);
  for (const row of seen) draft.remove("sightings", row);
  const last = looked[instancesForgottenMax - 1];
  const forgotten = said.length + seen.length;
  return last === undefined
    ? { forgotten }
    : { forgotten, next: { consumer: last.consumer, instance: last.instance } };
};

/** A halted rotation that began before `since` may never go on: it keeps nothing. */
const consumersInRotation = (draft: Draft, since: Instant): ReadonlySet<ConsumerId> =>
  new Set(
    draft
      .rows("rotations")
      .filter((row) => !isTerminal(row) && (row.state.at !== "halted" || row.startedAt >= since))
      .flatMap(({ credential }) => draft.get("credentials", credential)?.consumers ?? []),
  );

const isBehind = (row: InstanceName, other: InstanceName): boolean =>
  row.consumer === other.consumer ? row.instance > other.instance : row.consumer > other.consumer;

const nameOf = ({ consumer, instance }: InstanceName): string => `${consumer}/${instance}`;

/**
 * An instance was heard from, or acknowledges a version. A token of an acknowledgement is used once. A version
 * that is not known is refused, as it would be later than all that are still to come; that its instance was
 * heard from, and what it said, is kept.
 */
export const sight = (draft: Draft, request: SightRequest): void | Refusal => {
  const refusal = refused(draft, request);
  if (refusal !== undefined) return refusal;
  const { consumer, instance, tokenId } = request;
  draft.put("sightings", { consumer, instance, lastSeenAt: draft.now });
  if (tokenId !== undefined) draft.put("tokens", { tokenId, consumer, usedAt: draft.now });
  const { credential, version } = request;
  if (credential === undefined || version === undefined) return;
  const said = { ...request, credential, version };
  if (draft.get("versions", versionKey(credential, version)) === undefined)
    return noteUnknown(draft, said);
  acknowledge(draft, said);
};

const refused = (draft: Draft, request: SightRequest): Refusal | undefined => {
  if (draft.get("consumers", request.consumer) === undefined)
    return refuse("NOT_FOUND", "there is no such consumer");
  if (request.tokenId !== undefined && draft.get("tokens", request.tokenId) !== undefined)
    return refuse("ALREADY_DONE", "this acknowledgement was used before");
  if (request.credential === undefined) return undefined;
  const uses = draft.get("credentials", request.credential)?.consumers.includes(request.consumer);
  return uses === true
    ? undefined
    : refuse("NOT_FOUND", "this consumer is not declared for such a credential");
};

type Acknowledgement = SightRequest & {
  readonly credential: CredentialId;
  readonly version: number;
};

const noteUnknown = (draft: Draft, said: Acknowledgement): Refusal => {
  const { consumer, credential, instance, version, sequence } = said;
  auditOwn(draft, {
    type: "consumer.noted",
    reason: "it names a version that is not known: not counted",
    credential,
    detail: detailOf({ consumer, instance, version, sequence }),
  });
  return refuse("NOT_FOUND", "this version of the credential is not known");
};

const acknowledge = (draft: Draft, said: Acknowledgement): void => {
  const { consumer, credential, instance, version, counted } = said;
  const before = draft.get("acknowledgements", `${credential}/${consumer}/${instance}`);
  const sequence = said.sequence ?? before?.sequence ?? 0;
  // What was signed is not taken back by what was not, nor outrun by the number that it named.
  if (before?.counted === true && !counted) return;
  if (before?.counted === counted && sequence < before.sequence) return;
  const row = { consumer, credential, instance, version, sequence, counted };
  const acknowledgedAt = atOf(draft, said);
  draft.put("acknowledgements", { ...row, acknowledgedAt });
  if (before?.version === version && before.counted === counted) return;
  const type: AuditEventType = counted ? "consumer.moved" : "consumer.noted";
  auditOwn(draft, {
    type,
    reason: counted ? "acknowledged with the consumer's key" : "said without a signature",
    credential,
    version,
    detail: detailOf({ consumer, instance, sequence }),
  });
  const active = activeRotation(draft, credential);
  if (!counted || active === undefined) return;
  leaveInput(
    draft,
    { kind: "rotation", id: active.id },
    { input: { type: "moved", consumer }, actor: consumer },
  );
};

/**
 * A log's clock may be behind the ledger's, by which announcements are timed: an answer that is heard at once is never
 * taken for older than what it answers. One that waited longer than that counts from when the log took it.
 */
const logClockBehindMs = 10_000;

const atOf = (draft: Draft, { at = draft.now }: Acknowledgement): Instant =>
  at > draft.now - logClockBehindMs ? draft.now : at;

/** The latest announcement of each credential that the consumer is declared for. */
export const announcementsFor = (
  draft: Pick<Draft, "rows" | "get">,
  consumer: ConsumerId,
): readonly Announcement[] =>
  draft
    .rows("announcements")
    .filter((row) => draft.get("credentials", row.credential)?.consumers.includes(consumer))
    .sort((left, right) => (left.credential < right.credential ? -1 : 1));

export interface ForeignRequest {
  readonly credential: CredentialId;
  readonly principal: string;
  readonly actor: Actor;
  readonly reason: string;
}

/** A person vouches for a principal that Rekey neither minted nor adopted. */
export const acknowledgeForeign = (draft: Draft, request: ForeignRequest): void | Refusal => {
  const { credential, principal, actor, reason } = request;
  if (draft.get("credentials", credential) === undefined)
    return refuse("NOT_FOUND", "there is no such credential");
  if (draft.get("foreign", `${credential}/${principal}`) !== undefined)
    return refuse("ALREADY_DONE", "this principal was acknowledged before");
  draft.put("foreign", { credential, principal, actor: actor.id, reason, at: draft.now });
  auditOwn(draft, {
    type: "provider.foreign-found",
    actor: { id: actor.id, authenticated: actor.authenticated },
    reason,
    credential,
    detail: { principal, acknowledged: true },
  });
  const active = activeRotation(draft, credential);
  if (active === undefined) return;
  const woken = `${principal} was acknowledged as foreign`;
  leaveInput(
    draft,
    { kind: "rotation", id: active.id },
    { input: { type: "woken", reason: woken }, actor: actor.id },
  );
};
