import { setImmediate } from "node:timers/promises";
import { Secret } from "@rekey/secret";
import { expect, test } from "vitest";
import { VaultError, type VaultKind } from "./error.ts";
import { createOwnLogins } from "./own-logins.ts";

const clients = 12;
const still = { monotonicMs: () => 0 };
const ends = (kind: VaultKind) => (): string => {
  throw new VaultError({ kind, providerCode: kind });
};
const refused = ends("dead-token");
const token = (): string => "token";

/** Twelve clients that want to log in at once; Vault answers the first one, and then every other one, like this. */
const twelveLogins = async (first: () => string, later: () => string) => {
  const logins = createOwnLogins(still);
  const seen = { asked: 0, running: 0, atOnce: 0 };
  const login = async (): Promise<string> => {
    seen.asked += 1;
    seen.running += 1;
    const answer = seen.asked === 1 ? first : later;
    seen.atOnce = Math.max(seen.atOnce, seen.running);
    // Whoever does not wait for it has asked by then.
    await setImmediate();
    seen.running -= 1;
    return answer();
  };
  const secret = Secret.fromUtf8("the secret id");
  const all = Array.from({ length: clients }, async () => {
    return await logins
      .attempt("role", secret, login)
      .catch((error: unknown) => (error as VaultError).kind);
  });
  const answers = await Promise.all(all);
  return { asked: seen.asked, atOnce: seen.atOnce, answers };
};

const outages = ["timeout", "unreachable", "sealed", "standby", "throttled"] as const;

test.each(outages)("after a login that ended as %s one more is refused, for all", async (kind) => {
  const seen = await twelveLogins(ends(kind), refused);
  const others = Array.from({ length: clients - 1 }, () => "dead-token");
  expect(seen).toEqual({ atOnce: 1, asked: 2, answers: [kind, ...others] });
});

test("after a login that was let in one is refused, for all: the secret id was used up", async () => {
  const seen = await twelveLogins(token, refused);
  const others = Array.from({ length: clients - 1 }, () => "dead-token");
  expect(seen).toEqual({ atOnce: 1, asked: 2, answers: ["token", ...others] });
});

test("a login that is refused is the only one", async () => {
  const seen = await twelveLogins(refused, token);
  expect(seen).toMatchObject({ atOnce: 1, asked: 1 });
});

test.each(outages)("after one that ended as %s all others are let in, one by one", async (kind) => {
  const seen = await twelveLogins(ends(kind), token);
  const others = Array.from({ length: clients - 1 }, () => "token");
  expect(seen).toEqual({ atOnce: 1, asked: clients, answers: [kind, ...others] });
});

test("all log in for a token of their own, one by one", async () => {
  const seen = await twelveLogins(token, token);
  expect(seen).toMatchObject({ atOnce: 1, asked: clients });
});

test("another role's login is not waited for", async () => {
  const logins = createOwnLogins(still);
  const late = Promise.withResolvers<string>();
  const secret = Secret.fromUtf8("the secret id");
  const first = logins.attempt("role", secret, async () => await late.promise);
  expect(await logins.attempt("other", secret, async () => await Promise.resolve("let in"))).toBe(
    "let in",
  );
  late.resolve("late");
  expect(await first).toBe("late");
});
