import type { CredentialId, Issuer, IssuerSettings, Ledger, ProviderEntry } from "@rekey/domain";

interface Claimant {
  readonly ledger: Ledger;
  readonly issuer: Issuer;
  readonly credential: {
    readonly id: CredentialId;
    readonly issuer: { readonly settings: IssuerSettings };
  };
}

const rotationShape = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * Whether this ledger stands behind an entry's mark: the mark names a rotation of this credential that it
 * recorded, which intended the mint of just that version, under just that name. A mark alone proves nothing:
 * a comment can be copied, and another installation writes the same ones.
 */
export const isVouched = async (claimant: Claimant, entry: ProviderEntry): Promise<boolean> => {
  const { ledger, issuer, credential } = claimant;
  const { mark } = entry;
  if (mark?.credential !== credential.id || !rotationShape.test(mark.rotation)) return false;
  const ref = { credential: mark.credential, version: mark.version };
  const name = issuer.principalOf(ref, credential.issuer.settings);
  if (name !== undefined && name !== entry.principal) return false;
  const recorded = await ledger.rotation(mark.rotation);
  if (recorded?.rotation.credential !== credential.id) return false;
  const mints = [`mint#${mark.version}`, `cutover#${mark.version}`];
  return recorded.effects.some(({ step }) => mints.includes(step));
};
