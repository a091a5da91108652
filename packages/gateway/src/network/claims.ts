import { sha256Hex } from "@rekey/contracts";
import { consumerId, roles, type Actor, type Role } from "@rekey/domain";
import type { Caller } from "./caller.ts";

interface Mapping {
  readonly roles: Readonly<Record<string, readonly Role[]>>;
  readonly consumers: Readonly<Record<string, string>>;
}

interface Known {
  readonly mapping: Mapping;
  readonly id: string;
  readonly authenticated: Actor["authenticated"];
  /** What `mapping.roles` is asked for. */
  readonly values: readonly string[];
  /** What `mapping.consumers` is asked for. */
  readonly subject: string;
  readonly rolesBy: string;
}

/** Roles by configuration alone: a claim that happens to name a role gives none. */
export const callerOf = (known: Known): Caller => {
  const { mapping, id, authenticated, values, subject, rolesBy } = known;
  const consumer = ownValue(mapping.consumers, subject);
  const given = new Set(values.flatMap((value) => ownValue(mapping.roles, value) ?? []));
  if (consumer !== undefined) given.add("consumer");
  const actor = {
    id: boundedId(id),
    authenticated,
    roles: roles.filter((role) => given.has(role)),
  };
  return { actor, rolesBy, ...(consumer !== undefined && { consumer: consumerId(consumer) }) };
};

/** Longest feed of a signal: whoever asks has one name there, as a requester and as an approver. */
const idLengthMax = 128;
const digestLength = 32;

const boundedId = (id: string): string =>
  id.length <= idLengthMax
    ? id
    : `${id.slice(0, idLengthMax - digestLength - 1)}~${sha256Hex(id).slice(0, digestLength)}`;

/** Values of one claim that are looked at. */
const valuesMax = 1_000;
/** RFC 8693 and RFC 9068: these two are lists with blanks between them. */
const listed = new Set(["scope", "scp"]);

/** The texts at a claim: one, a list of them, or none where it holds anything else. */
export const claimValues = (
  claims: Readonly<Record<string, unknown>>,
  claim: string,
): readonly string[] => {
  const found = ownValue(claims, claim) ?? atPath(claims, claim.split("."));
  if (typeof found === "string") return listed.has(claim) ? found.split(" ") : [found];
  if (!Array.isArray(found)) return [];
  return found.filter((value) => typeof value === "string").slice(0, valuesMax);
};

const atPath = (claims: unknown, names: readonly string[]): unknown =>
  names.reduce<unknown>(
    (place, name) =>
      typeof place === "object" && place !== null
        ? ownValue(place as Record<string, unknown>, name)
        : undefined,
    claims,
  );

// A claim named like a part of every object leads to nothing.
const ownValue = <Value>(of: Readonly<Record<string, Value>>, name: string): Value | undefined =>
  Object.hasOwn(of, name) ? of[name] : undefined;
