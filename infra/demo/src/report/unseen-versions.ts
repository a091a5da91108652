import type { SeenValue } from "../run/keyring.ts";

interface Minted {
  readonly credential: string;
  readonly number: number;
  readonly mintedAt?: unknown;
}

/** Versions that were made and whose value nobody read: a search for values would miss theirs. */
export const unseenVersions = (
  versions: readonly Minted[],
  seen: readonly SeenValue[],
): readonly string[] => {
  const names = new Set(seen.map(({ name }) => name));
  return versions
    .filter(({ mintedAt }) => mintedAt !== undefined)
    .map(({ credential, number }) => `${credential}#${number}`)
    .filter((name) => !names.has(name));
};
