import type { Instant, PrivilegeDifference } from "@rekey/domain";
import type { Bounds, SecretIdFacts } from "./client.ts";
import type { VaultApproleSettings } from "./settings.ts";

/** Where a new version may be used from: as the settings say, else as the older version. */
export const boundsFor = (settings: VaultApproleSettings, older: Bounds | undefined): Bounds => ({
  cidrs: settings.cidrs ?? older?.cidrs ?? [],
  tokenCidrs: settings.tokenCidrs ?? older?.tokenCidrs ?? [],
});

/**
 * Where the newer secret id may do less or other than the older one. Policies belong to the role, which is the
 * same, so only what a secret id has of its own is compared.
 */
export function differences(
  older: SecretIdFacts,
  newer: SecretIdFacts,
  settings: VaultApproleSettings,
): readonly PrivilegeDifference[] {
  const expected = boundsFor(settings, older);
  return [
    ...differing("cidrs", listed(expected.cidrs), listed(newer.cidrs)),
    ...differing("tokenCidrs", listed(expected.tokenCidrs), listed(newer.tokenCidrs)),
    ...differing("numUses", "any number", newer.numUses === 0 ? "any number" : `${newer.numUses}`),
    ...endingSooner(older.expiresAt, newer.expiresAt),
  ];
}

const listed = (cidrs: readonly string[]): string => cidrs.toSorted().join(", ") || "anywhere";

const differing = (path: string, expected: string, found: string): PrivilegeDifference[] =>
  expected === found ? [] : [{ path, expected, found }];

function endingSooner(
  older: Instant | undefined,
  newer: Instant | undefined,
): PrivilegeDifference[] {
  if (newer === undefined || newer >= (older ?? Infinity)) return [];
  return [{ path: "expiresAt", expected: instantText(older), found: instantText(newer) }];
}

const instantText = (at: Instant | undefined): string =>
  at === undefined ? "never" : new Date(at).toISOString();
