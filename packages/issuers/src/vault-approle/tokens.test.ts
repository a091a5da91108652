import { credentialId, rotationId } from "@rekey/domain";
import type { Mark } from "@rekey/domain";
import { systemClock } from "@rekey/runtime";
import { VaultError } from "@rekey/vault-client";
import { expect, test } from "vitest";
import type { AppRoleServer } from "./client.ts";
import { metadataOf } from "./mark.ts";
import { createTokenSweep } from "./tokens.ts";
import { callOf } from "./vault.fixture.ts";

const markOf = (version: number): Mark => ({
  credential: credentialId("payments"),
  version,
  rotation: rotationId("0199-sweep"),
});
const first = ({ version }: Mark): boolean => version === 1;

type Metadata = Readonly<Record<string, string>>;

/** Vault's tokens by accessor; `reads` is every lookup, in order. */
function openTokens(entries: readonly (readonly [string, Metadata])[]) {
  const tokens = new Map(entries);
  const reads: string[] = [];
  const trouble = {
    beforeRead: (): Promise<void> => Promise.resolve(),
    onRead: (): void => {},
    onRevoke: (): void => {},
  };
  const server = {
    tokenAccessors: async () => [...tokens.keys()],
    tokenMetadata: async (accessor: string) => {
      await trouble.beforeRead();
      reads.push(accessor);
      trouble.onRead();
      return tokens.get(accessor);
    },
    revokeToken: async (accessor: string) => {
      trouble.onRevoke();
      return tokens.delete(accessor);
    },
  } as unknown as AppRoleServer;
  return { tokens, reads, trouble, sweep: createTokenSweep(server, systemClock) };
}

const plain = (count: number) =>
  Array.from({ length: count }, (_, index) => [`plain-${index}`, {}] as const);

test("tokens of one version end, and everybody else's live", async () => {
  const ours = [1, 1, 2].map(
    (version, index) => [`ours-${index}`, metadataOf(markOf(version))] as const,
  );
  const { tokens, sweep } = openTokens([...plain(3), ...ours]);
  expect(await sweep.end(first, callOf())).toBe(2);
  expect([...tokens.keys()]).toEqual(["plain-0", "plain-1", "plain-2", "ours-2"]);
  expect(await sweep.end(first, callOf())).toBe(0);
});

test("a token's metadata is read once, however often one sweeps", async () => {
  const { reads, sweep, tokens } = openTokens(plain(40));
  await sweep.end(first, callOf());
  tokens.set("new", metadataOf(markOf(1)));
  expect(await sweep.end(first, callOf())).toBe(1);
  expect(reads).toHaveLength(41);
});

test("what is no longer listed is forgotten, so memory is bounded by the tokens that live", async () => {
  const { tokens, reads, sweep } = openTokens(plain(3));
  await sweep.end(first, callOf());
  tokens.delete("plain-0");
  await sweep.end(first, callOf());
  tokens.set("plain-0", metadataOf(markOf(1)));
  expect(await sweep.end(first, callOf())).toBe(1);
  expect(reads).toHaveLength(4);
});

test("two sweeps at once read each token's metadata once", async () => {
  const { reads, sweep } = openTokens([...plain(40), ["ours", metadataOf(markOf(1))]]);
  expect(await Promise.all([sweep.end(first, callOf()), sweep.end(first, callOf())])).toContain(1);
  expect(reads).toHaveLength(41);
});

test("a call that ends while tokens are read proves nothing; the reading goes on for the next", async () => {
  const { reads, sweep, trouble } = openTokens([...plain(200), ["ours", metadataOf(markOf(1))]]);
  const held = Promise.withResolvers<void>();
  trouble.beforeRead = () => held.promise;
  await expect(sweep.end(first, callOf(5))).rejects.toMatchObject({
    code: "PROOF_STILL_ALIVE",
    providerCode: "tokens-unread",
  });
  held.resolve();
  await expect.poll(() => reads.length).toBe(201);
  expect(await sweep.end(first, callOf())).toBe(1);
  expect(reads).toHaveLength(201);
});

test("an aborted call ends at once", async () => {
  const { sweep, trouble } = openTokens(plain(3));
  const begun = Promise.withResolvers<void>();
  trouble.beforeRead = () => {
    begun.resolve();
    return new Promise(() => undefined);
  };
  const aborting = new AbortController();
  const work = sweep.end(first, { ...callOf(), signal: aborting.signal });
  work.catch(() => undefined);
  await begun.promise;
  aborting.abort();
  await expect(work).rejects.toMatchObject({ providerCode: "tokens-unread" });
});

test("when Vault fails a lookup, what waits behind it fails too and is asked again by the next call", async () => {
  const { reads, sweep, trouble } = openTokens([...plain(200), ["ours", metadataOf(markOf(1))]]);
  trouble.onRead = () => {
    if (reads.length > 50) throw new VaultError({ kind: "sealed", providerCode: "SEALED" });
  };
  await expect(sweep.end(first, callOf())).rejects.toThrow("sealed");
  expect(reads.length).toBeLessThan(50 + 2 * 16);
  trouble.onRead = () => undefined;
  expect(await sweep.end(first, callOf())).toBe(1);
});

test("a token that a login made during the sweep ends with it", async () => {
  const { tokens, sweep, trouble } = openTokens([["early", metadataOf(markOf(1))]]);
  trouble.onRevoke = () => {
    trouble.onRevoke = () => undefined;
    tokens.set("late", metadataOf(markOf(1)));
  };
  expect(await sweep.end(first, callOf())).toBe(2);
  expect(tokens.size).toBe(0);
});

test("a version that keeps getting tokens is a fault, not a loop", async () => {
  const { tokens, sweep, trouble } = openTokens([["token-0", metadataOf(markOf(1))]]);
  trouble.onRevoke = () =>
    tokens.set(`token-${tokens.size}-${Math.random()}`, metadataOf(markOf(1)));
  await expect(sweep.end(first, callOf())).rejects.toMatchObject({ providerCode: "tokens-remain" });
});

test("a token that somebody else ended meanwhile is not counted", async () => {
  const { tokens, sweep, trouble } = openTokens([
    ["one", metadataOf(markOf(1))],
    ["two", metadataOf(markOf(1))],
  ]);
  trouble.onRevoke = () => tokens.delete("two");
  expect(await sweep.end(first, callOf())).toBe(1);
});

test("a token that is gone since it was read is not asked for again", async () => {
  const { tokens, sweep, trouble } = openTokens([["gone", metadataOf(markOf(1))]]);
  expect(await sweep.end(({ version }) => version === 2, callOf())).toBe(0);
  tokens.delete("gone");
  trouble.onRevoke = () => expect.fail("there is nothing to end");
  expect(await sweep.end(first, callOf())).toBe(0);
});

test("more tokens than anybody could read are a fault before the first lookup", async () => {
  const { reads, sweep } = openTokens(plain(100_001));
  await expect(sweep.end(first, callOf())).rejects.toMatchObject({
    providerCode: "too-many-tokens",
  });
  expect(reads).toEqual([]);
});
