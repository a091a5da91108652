import { VaultError, type VaultKind, type VaultPhrase } from "./error.ts";

/** One HTTP reply, whatever its status. */
export interface Reply {
  readonly status: number;
  readonly text: string;
  readonly retryAfter: string | undefined;
}

const statusDenied = 403;
const statusMissing = 404;
const statusThrottled = 429;
const statusSealed = 503;
const retryAfterMaxMs = 60_000;
const secondMs = 1_000;

// The wording of Vault 1.21, seen on the real server; the suite fails when a newer one says it otherwise.
const phrases: readonly (readonly [VaultPhrase, RegExp])[] = [
  ["invalid-token", /invalid token/],
  ["bad-token", /bad token/],
  ["cas-mismatch", /check-and-set parameter did not match/],
  ["cas-required", /check-and-set parameter required/],
  ["invalid-role-or-secret-id", /invalid role or secret ID|invalid role ID|invalid secret id/i],
  ["invalid-accessor", /invalid accessor/],
  ["accessor-entry-missing", /failed to find accessor entry/],
  ["no-handler-for-route", /no handler for route|unsupported path/],
  ["active-node-not-found", /active (cluster )?node not found|no active node/i],
  ["sealed", /Vault is sealed/],
  ["lease-not-found", /lease not found|invalid lease/],
  ["engine-upgrading", /Upgrading from non-versioned/],
];

/** True for a reply of a node that did not execute the request: the next node may be asked. */
export const isElsewhere = (reply: Reply): boolean =>
  ["sealed", "standby"].includes(kindOf(reply, phraseOf(reply)));

export const isSuccess = (reply: Reply): boolean => reply.status >= 200 && reply.status < 300;

/**
 * A 404 that says that nothing is there, as KV answers for a path or a version. One that names an error, such as
 * a mount that does not exist, is no such answer.
 */
export const isNothingThere = (reply: Reply): boolean =>
  reply.status === statusMissing && errorsOf(reply).length === 0;

/** What a refusal means. `changes`: the request was a write. */
export const errorOf = (reply: Reply, changes: boolean): VaultError => {
  const phrase = phraseOf(reply);
  const kind = kindOf(reply, phrase);
  return new VaultError({
    kind,
    providerCode: providerCodeOf(kind, reply),
    status: reply.status,
    phrase,
    retryAfterMs: kind === "throttled" ? retryAfterMs(reply) : undefined,
    unknownOutcome: changes && kind === "unreachable",
  });
};

/** The parsed body; undefined for an empty one. Text that is no JSON object is a broken answer: a write may have happened. */
export const bodyOf = (
  reply: Reply,
  changes = false,
): Readonly<Record<string, unknown>> | undefined => {
  if (reply.text.trim() === "") return undefined;
  const value = parseJson(reply.text);
  if (isRecord(value)) return value;
  throw new VaultError({
    kind: "unreachable",
    providerCode: "GARBLED",
    status: reply.status,
    unknownOutcome: changes,
  });
};

export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const isRedirect = ({ status }: Reply): boolean => status >= 300 && status < 400;

const kindOf = (reply: Reply, phrase: VaultPhrase | undefined): VaultKind => {
  const { status } = reply;
  if (isRedirect(reply) || phrase === "active-node-not-found") return "standby";
  if (status === statusSealed && phrase === "sealed") return "sealed";
  if (status === statusThrottled) return "throttled";
  if (status === statusMissing) return "not-found";
  if (status === statusDenied) return isDeadToken(phrase) ? "dead-token" : "denied";
  if (phrase === "cas-mismatch") return "cas";
  // A KV engine that has just become one of version 2 answers 400 until it is ready.
  if (phrase === "engine-upgrading") return "unreachable";
  return status >= 500 ? "unreachable" : "invalid";
};

const isDeadToken = (phrase: VaultPhrase | undefined): boolean =>
  phrase === "invalid-token" || phrase === "bad-token";

const providerCodeOf = (kind: VaultKind, { status }: Reply): string => {
  if (kind === "dead-token") return "TOKEN_REFUSED";
  return kind === "sealed" || kind === "standby" ? kind.toUpperCase() : String(status);
};

const retryAfterMs = ({ retryAfter }: Reply): number => {
  const seconds = Number.parseInt(retryAfter ?? "1", 10);
  return Math.min(retryAfterMaxMs, Math.max(1, Number.isNaN(seconds) ? 1 : seconds) * secondMs);
};

const phraseOf = (reply: Reply): VaultPhrase | undefined => {
  const text = errorsOf(reply).join("\n");
  return phrases.find(([, pattern]) => pattern.test(text))?.[0];
};

const errorsOf = (reply: Reply): readonly string[] => {
  const body = parseJson(reply.text);
  const errors = isRecord(body) ? body["errors"] : undefined;
  return Array.isArray(errors) ? errors.filter((one) => typeof one === "string") : [];
};

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
