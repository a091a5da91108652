import { randomBytes } from "node:crypto";
import type { Clock } from "@rekey/domain";
import {
  authReply,
  wrappedReply,
  fakeError,
  noContent,
  type FakeEngine,
  type FakeReply,
  type FakeRequest,
} from "./engine.fake.ts";

export interface FakeToken {
  readonly id: string;
  readonly accessor: string;
  readonly policies: readonly string[];
  readonly metadata: Readonly<Record<string, string>> | null;
  /** Zero: it does not end. */
  readonly ttlMs: number;
  readonly maxMs: number;
  readonly createdAt: number;
  endsAt: number;
  renewedAt?: number;
}

interface NewFakeToken {
  readonly policies: readonly string[];
  readonly ttlMs: number;
  /** Longest life, renewals included. */
  readonly maxMs?: number;
  readonly metadata?: Readonly<Record<string, string>>;
}

export interface FakeTokens {
  create(token: NewFakeToken): FakeToken;
  /** What a login answers. */
  authOf(token: FakeToken): FakeReply;
  find(id: string): FakeToken | undefined;
  /** Every token that lives. */
  all(): readonly FakeToken[];
  revoke(id: string): void;
  readonly engine: FakeEngine;
}

const secondMs = 1_000;

export const createFakeTokens = (clock: Clock, rootToken: string): FakeTokens => {
  const tokens = new Map<string, FakeToken>();
  const create = (given: NewFakeToken, id = `hvs.${randomBytes(24).toString("base64url")}`) => {
    const { policies, ttlMs, maxMs = 0, metadata = null } = given;
    const createdAt = clock.monotonicMs();
    const endsAt = ttlMs === 0 ? Infinity : createdAt + ttlMs;
    const accessor = randomBytes(12).toString("hex");
    const token: FakeToken = {
      id,
      accessor,
      policies,
      metadata,
      ttlMs,
      maxMs,
      createdAt,
      endsAt,
    };
    tokens.set(id, token);
    return token;
  };
  const find = (id: string): FakeToken | undefined => {
    const token = tokens.get(id);
    if (token !== undefined && token.endsAt > clock.monotonicMs()) return token;
    tokens.delete(id);
    return undefined;
  };
  create({ policies: ["root"], ttlMs: 0 }, rootToken);
  const book: FakeTokens = {
    create,
    authOf: (token) => authReply(authOf(token, clock)),
    find,
    all: () => [...tokens.keys()].flatMap((id) => find(id) ?? []),
    revoke: (id) => void tokens.delete(id),
    engine: { answer: (request) => answer(book, clock, request) },
  };
  return book;
};

const remaining = (token: FakeToken, clock: Clock): number =>
  token.ttlMs === 0 ? 0 : Math.ceil((token.endsAt - clock.monotonicMs()) / secondMs);

const authOf = (token: FakeToken, clock: Clock): Readonly<Record<string, unknown>> => ({
  client_token: token.id,
  accessor: token.accessor,
  policies: token.policies,
  token_policies: token.policies,
  metadata: token.metadata,
  lease_duration: remaining(token, clock),
  renewable: token.ttlMs > 0,
  entity_id: "",
  token_type: "service",
  orphan: true,
  num_uses: 0,
});

const lookupOf = (token: FakeToken, clock: Clock): Readonly<Record<string, unknown>> => ({
  id: token.id,
  accessor: token.accessor,
  policies: token.policies,
  meta: token.metadata,
  ttl: remaining(token, clock),
  creation_ttl: token.ttlMs / secondMs,
  renewable: token.ttlMs > 0,
  type: "service",
  ...(token.renewedAt === undefined ? {} : { last_renewal_time: token.renewedAt }),
});

const answer = (book: FakeTokens, clock: Clock, request: FakeRequest): FakeReply => {
  const { path, body, token } = request;
  const text = (name: string): string => textOf(body[name]);
  const byAccessor = book.all().find(({ accessor }) => accessor === text("accessor"));
  switch (path) {
    case "lookup-self":
      return token === undefined
        ? fakeError(403, "permission denied")
        : wrappedReply(lookupOf(token, clock));
    case "renew-self":
      return token === undefined ? fakeError(403, "permission denied") : renew(book, clock, token);
    case "revoke-self":
      book.revoke(token?.id ?? "");
      return noContent;
    case "lookup": {
      const found = book.find(text("token"));
      return found === undefined
        ? fakeError(403, "bad token")
        : wrappedReply(lookupOf(found, clock));
    }
    case "lookup-accessor":
      if (byAccessor === undefined)
        return fakeError(403, "1 error occurred:\n\t* invalid accessor\n\n");
      return wrappedReply({ ...lookupOf(byAccessor, clock), id: "" });
    case "revoke-accessor":
      if (byAccessor === undefined)
        return fakeError(400, "1 error occurred:\n\t* invalid accessor\n\n");
      book.revoke(byAccessor.id);
      return noContent;
    case "accessors":
      return wrappedReply({ keys: book.all().map(({ accessor }) => accessor) });
    case "create":
      return book.authOf(book.create(newToken(body)));
    default:
      return fakeError(404, "unsupported path");
  }
};

const textOf = (value: unknown): string => (typeof value === "string" ? value : "");

const newToken = (body: Readonly<Record<string, unknown>>): NewFakeToken => {
  const policies = Array.isArray(body["policies"]) ? body["policies"].map(String) : [];
  const [ttlMs, maxMs] = [body["ttl"], body["explicit_max_ttl"]].map((text) =>
    text === undefined ? 0 : Number.parseInt(textOf(text), 10) * secondMs,
  );
  return { policies: ["default", ...policies], ttlMs: ttlMs ?? 0, maxMs: maxMs ?? 0 };
};

const renew = (book: FakeTokens, clock: Clock, token: FakeToken): FakeReply => {
  if (token.ttlMs === 0) return fakeError(400, "lease is not renewable");
  token.renewedAt = clock.monotonicMs();
  const wanted = token.renewedAt + token.ttlMs;
  token.endsAt = token.maxMs === 0 ? wanted : Math.min(wanted, token.createdAt + token.maxMs);
  return book.authOf(token);
};
