import {
  isAlive,
  parseRekeyLocator,
  rekeyLocatorScheme,
  type Credential,
  type CredentialId,
  type Fingerprint,
  type Identity,
  type IntakeTarget,
  type Policy,
  type Signal,
  type SubjectId,
  type Version,
} from "@rekey/domain";
import type { Draft } from "../rows/draft.ts";
import { sameFingerprint } from "../rows/rows.ts";
import { activeRotation, versionsOf } from "./open-rotation.ts";
import { credentialOf, identityOf, policyOf } from "./views.ts";

/** The first locator that leads to a credential wins: producers list the best one first. */
export const matchTarget = (draft: Draft, signal: Signal): IntakeTarget | undefined => {
  for (const locator of signal.locators) {
    const found =
      locator.scheme === rekeyLocatorScheme
        ? named(draft, locator.value)
        : byFingerprint(draft, locator);
    if (found !== undefined) return targetOf(draft, found);
  }
  return undefined;
};

interface Found {
  readonly credential: CredentialId;
  readonly version?: number;
}

const named = (draft: Draft, value: string): Found | undefined => {
  const found = parseRekeyLocator(value);
  if (found === undefined || draft.get("credentials", found.credential) === undefined)
    return undefined;
  if (found.version === undefined) return found;
  const exists = versionsOf(draft, found.credential).some(({ number }) => number === found.version);
  return exists ? found : undefined;
};

/** The same material may be in two credentials (a finding of its own): the living one first, then by id. */
export const byFingerprint = (
  draft: Pick<Draft, "rows">,
  fingerprint: Fingerprint,
): { readonly credential: CredentialId; readonly version: number } | undefined => {
  const [best] = draft
    .rows("versions")
    .filter((version) => version.fingerprints.some((own) => sameFingerprint(own, fingerprint)))
    .sort(livingFirst);
  return best && { credential: best.credential, version: best.number };
};

const livingFirst = (left: Version, right: Version): number =>
  Number(isAlive(right)) - Number(isAlive(left)) ||
  left.credential.localeCompare(right.credential, "en") ||
  right.number - left.number;

const targetOf = (draft: Draft, found: Found): IntakeTarget | undefined => {
  const credential: Credential | undefined = credentialOf(draft, found.credential);
  const policy: Policy | undefined = credential && policyOf(draft, credential.policy);
  if (credential === undefined || policy === undefined) return undefined;
  const active = activeRotation(draft, found.credential);
  return {
    credential,
    policy,
    versions: versionsOf(draft, found.credential),
    ...(found.version === undefined ? {} : { version: found.version }),
    ...(active === undefined ? {} : { active }),
  };
};

/** The one identity a subject's ids lead to; none when they lead to two. */
export const matchIdentity = (draft: Draft, signal: Signal): Identity | undefined => {
  const ids = signal.subject?.ids ?? [];
  const found = draft.rows("identities").filter((row) => ids.some((id) => names(row, id)));
  const [first, second] = found;
  return first === undefined || second !== undefined ? undefined : identityOf(first);
};

const names = (identity: Identity, id: SubjectId): boolean =>
  id.value === identity.id ||
  identity.aliases.some((alias) => alias.scheme === id.scheme && alias.value === id.value);
