import type { PrivilegeDifference } from "@rekey/domain";
import type { Membership, RolePrivileges, RoleSetting, RoleSpec } from "./client.ts";
import type { PostgresRoleSettings } from "./settings.ts";

const unlimited = -1;

type Copied = Pick<RoleSpec, "connectionLimit" | "memberships" | "settings">;

/**
 * What a new version takes over from the older one. Attributes such as CREATEDB are not copied: they belong
 * to a person's decision, and `differences` shows them. Neither is VALID UNTIL: ageing is Rekey's task.
 */
export function copiedFrom(
  older: RolePrivileges | undefined,
  settings: PostgresRoleSettings,
): Copied {
  return {
    connectionLimit: settings.connectionLimit ?? older?.connectionLimit ?? unlimited,
    memberships: (older?.memberships ?? []).filter(({ role }) => role !== settings.group),
    settings: (older?.settings ?? []).filter(isCopied),
  };
}

// Every version becomes its group at login, whatever the older one did.
const isCopied = (setting: RoleSetting): boolean => setting.name !== "role";

/** Where the newer role may do less or other than the older one. */
export function differences(
  older: RolePrivileges,
  newer: RolePrivileges,
  settings: PostgresRoleSettings,
): readonly PrivilegeDifference[] {
  const expectedLimit = settings.connectionLimit ?? older.connectionLimit;
  return [
    ...differing("attributes", older.attributes, newer.attributes),
    ...differing("connectionLimit", [String(expectedLimit)], [String(newer.connectionLimit)]),
    ...endingSooner(older.validUntil, newer.validUntil),
    ...differing(
      "memberships",
      [...groupMembership(older, settings), ...older.memberships.map(membershipText)],
      newer.memberships.map(membershipText),
    ),
    ...differing("settings", settingTexts(older), settingTexts(newer)),
    ...missing("granted", older.grantedObjects, newer.grantedObjects),
    ...missing("owned", older.ownedObjects, newer.ownedObjects),
  ];
}

// An adopted role outside the group is expected to be followed by one inside it.
function groupMembership(older: RolePrivileges, { group }: PostgresRoleSettings): string[] {
  if (older.memberships.some(({ role }) => role === group)) return [];
  return [membershipText({ role: group, admin: false, inherit: true, set: true })];
}

function membershipText({ role, admin, inherit, set }: Membership): string {
  const options = [admin && "admin", inherit && "inherit", set && "set"].filter(Boolean);
  return `${role} (${options.join(", ")})`;
}

const settingTexts = (of: RolePrivileges): string[] =>
  of.settings
    .filter(isCopied)
    .map(({ database, name, value }) => `${database ?? "*"}: ${name}=${value}`);

function differing(
  path: string,
  expected: readonly string[],
  found: readonly string[],
): PrivilegeDifference[] {
  const lost = without(expected, found);
  const added = without(found, expected);
  if (lost.length === 0 && added.length === 0) return [];
  return [{ path, expected: shown(lost), found: shown(added) }];
}

function missing(
  path: string,
  expected: readonly string[],
  found: readonly string[],
): PrivilegeDifference[] {
  const lost = without(expected, found).length;
  if (lost === 0) return [];
  return [{ path, expected: `${lost} objects of the older role's own`, found: "none of them" }];
}

const without = (from: readonly string[], those: readonly string[]): string[] =>
  from.filter((text) => !those.includes(text));

const shown = (texts: readonly string[]): string => texts.toSorted().join("; ") || "nothing";

function endingSooner(older: number | undefined, newer: number | undefined): PrivilegeDifference[] {
  if (newer === undefined || newer >= (older ?? Infinity)) return [];
  return [{ path: "validUntil", expected: instantText(older), found: instantText(newer) }];
}

const instantText = (at: number | undefined): string =>
  at === undefined ? "never" : new Date(at).toISOString();
