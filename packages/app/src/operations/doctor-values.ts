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

/**
 * Whether this pepper makes of values that live what the ledger has of them: the one comparison that does not believe
 * whoever started first. Nothing before the first control credential was minted, or where no store answers.
 */
export const valueChecks = async (looking: Looking): Promise<readonly DoctorCheck[]> => {
  const { ledger, fingerprint } = looking;
  if (fingerprint === undefined) return [];
  try {
    const own = await ledger.credentials({ identity: identityId(ownIdentity), limit: ownMax });
    const subjects = own.flatMap(subjectOf).slice(0, comparedMax);
    const asked = subjects.map(async (subject) => await compare(looking, fingerprint, subject));
    return judgeValues((await Promise.all(asked)).filter((one) => one !== undefined));
  } catch (error) {
    if (error instanceof Fault) return [];
    throw error;
  }
};

type Subject = Pick<CredentialView, "credential"> & { readonly version: Version };

const subjectOf = ({ credential, versions }: CredentialView): readonly Subject[] => {
  const version = versions.find(({ label, life }) => label === "current" && life === "valid");
  return credential.control && credential.declared && version ? [{ credential, version }] : [];
};

interface Compared {
  readonly name: string;
  readonly isSame: boolean;
}

/** Undefined where there is nothing to compare: no value in its store, or fingerprints under other peppers only. */
const compare = async (
  { stores, call }: Looking,
  fingerprint: Fingerprinter,
  { credential, version }: Subject,
): Promise<Compared | undefined> => {
  const kept = await readKept(stores, { credential, version }, call).catch(unlessFault);
  if (kept === undefined) return undefined;
  const own = fingerprint(kept.secret);
  const known = version.fingerprints.filter(({ scheme }) =>
    own.some((one) => one.scheme === scheme),
  );
  if (known.length === 0) return undefined;
  const isSame = known.every((one) =>
    own.some(({ scheme, value }) => scheme === one.scheme && value === one.value),
  );
  return { name: `${credential.id}#${version.number}`, isSame };
};

const unlessFault = (error: unknown): undefined => {
  if (!(error instanceof Fault)) throw error;
};

/** Pure: one line for all. */
const judgeValues = (compared: readonly Compared[]): readonly DoctorCheck[] => {
  const name = "pepper and values";
  const strange = compared.filter(({ isSame }) => !isSame).map((one) => one.name);
  if (compared.length === 0) return [];
  if (strange.length === 0)
    return [{ name, ok: true, found: "it recognises what the stores hold" }];
  return [
    {
      name,
      ok: false,
      found: `PEPPER_MISMATCH: the stored ${strange.join(", ")} is not what the ledger has fingerprints of`,
      next: `${faultCodes.PEPPER_MISMATCH.next}; or see who wrote the store`,
    },
  ];
};
