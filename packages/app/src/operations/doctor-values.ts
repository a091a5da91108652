import { ownIdentity } from "@rekey/contracts";
import {
  Fault,
  faultCodes,
  identityId,
  type Call,
  type CredentialView,
  type Fingerprinter,
  type Ledger,
  type Version,
} from "@rekey/domain";
import { readKept } from "@rekey/engine";
import type { DoctorCheck } from "@rekey/gateway";
import type { Providers } from "../parts/opened.ts";

interface Looking extends Pick<Providers, "stores"> {
  readonly ledger: Pick<Ledger, "credentials">;
  readonly fingerprint?: Fingerprinter;
  readonly call: () => Call;
}

/** Control credentials whose values are compared: one would do, were each in every store. */
const comparedMax = 16;
const ownMax = 1_000;

const namedMax = 3;

/**
 * Whether this pepper makes of values that live what the ledger has of them: the one comparison that does not believe
 * whoever started first. Where there is nothing to compare the line says why, and proves nothing.
 */
export const valueChecks = async (looking: Looking): Promise<readonly DoctorCheck[]> => {
  const { ledger, fingerprint } = looking;
  // Without a pepper there is no line `pepper` either.
  if (fingerprint === undefined) return [];
  try {
    const own = await ledger.credentials({ identity: identityId(ownIdentity), limit: ownMax });
    const subjects = own.flatMap(subjectOf).slice(0, comparedMax);
    const asked = subjects.map(async (subject) => await compare(looking, fingerprint, subject));
    return [judgeValues(await Promise.all(asked))];
  } catch (error) {
    if (error instanceof Fault) return [nothingToCompare(`the ledger: ${error.code}`)];
    throw error;
  }
};

type Subject = Pick<CredentialView, "credential"> & { readonly version: Version };

const subjectOf = ({ credential, versions }: CredentialView): readonly Subject[] => {
  const version = versions.find(({ label, life }) => label === "current" && life === "valid");
  return credential.control && credential.declared && version ? [{ credential, version }] : [];
};

/** What became of one: the same, another key of this pepper's id, another pepper alone, or why nothing was compared. */
interface Compared {
  readonly name: string;
  readonly outcome: "same" | "strange" | "other-pepper" | { readonly why: string };
}

const compare = async (
  looking: Looking,
  fingerprint: Fingerprinter,
  subject: Subject,
): Promise<Compared> => {
  const { credential, version } = subject;
  const name = `${credential.id}#${version.number}`;
  try {
    const kept = await readKept(looking.stores, subject, looking.call);
    if (kept === undefined) return { name, outcome: { why: "its store holds no value" } };
    return { name, outcome: outcomeOf(version, fingerprint(kept.secret)) };
  } catch (error) {
    if (error instanceof Fault) return { name, outcome: { why: error.code } };
    throw error;
  }
};

/** Pure: `own` is what this pepper makes of the version's value. */
const outcomeOf = (
  { fingerprints }: Version,
  own: ReturnType<Fingerprinter>,
): Compared["outcome"] => {
  if (fingerprints.length === 0) return { why: "the ledger has no fingerprint of it" };
  const values = new Map(own.map(({ scheme, value }) => [scheme, value]));
  const known = fingerprints.filter(({ scheme }) => values.has(scheme));
  if (known.length === 0) return "other-pepper";
  return known.every(({ scheme, value }) => values.get(scheme) === value) ? "same" : "strange";
};

const name = "pepper and values";

const nothingToCompare = (why: string): DoctorCheck => ({
  name,
  ok: true,
  skipped: true,
  found: `nothing to compare: ${why}`,
});

/** Pure: one line for all. */
const judgeValues = (compared: readonly Compared[]): DoctorCheck => {
  const named = (outcome: Compared["outcome"]): string =>
    compared.flatMap((one) => (one.outcome === outcome ? [one.name] : [])).join(", ");
  const [strange, others] = [named("strange"), named("other-pepper")];
  const { next } = faultCodes.PEPPER_MISMATCH;
  if (strange !== "")
    return {
      name,
      ok: false,
      found: `PEPPER_MISMATCH: the stored ${strange} is not what the ledger has fingerprints of`,
      next: `${next}; or see who wrote the store`,
    };
  if (others !== "")
    return {
      name,
      ok: false,
      found: `PEPPER_MISMATCH: the ledger has fingerprints of ${others} by another pepper alone`,
      next: `${next}; where this one is meant to be new, rotate every credential`,
    };
  if (named("same") !== "") return { name, ok: true, found: "it recognises what the stores hold" };
  return nothingToCompare(whyOf(compared));
};

const whyOf = (compared: readonly Compared[]): string => {
  const whys = compared.flatMap(({ name: of, outcome }) =>
    typeof outcome === "string" ? [] : [`${of}: ${outcome.why}`],
  );
  return whys.length === 0
    ? "no control credential has a version yet"
    : whys.slice(0, namedMax).join("; ");
};
