import {
  assert,
  Fault,
  faultCodes,
  type Fingerprint,
  type Fingerprinter,
  type Ledger,
} from "@rekey/domain";
import type { DoctorCheck } from "@rekey/gateway";
import type { Log } from "@rekey/runtime";
import { Secret } from "@rekey/secret";

/** What every pepper is known by in the ledger: never changed, or each would seem to be another one. */
const checkText = "rekey: the text that a pepper is known by";

interface PepperParts {
  readonly ledger: Pick<Ledger, "keepPepper" | "peppers">;
  readonly fingerprint?: Fingerprinter;
}

/**
 * Before anything works. Throws PEPPER_MISMATCH where the ledger knows another pepper by this id: every leaked
 * value would be taken for a stranger's, and nothing else would tell.
 */
export const comparePepper = async (
  { ledger, fingerprint }: PepperParts,
  log: Log,
): Promise<void> => {
  if (fingerprint === undefined) return;
  const own = checkOf(fingerprint);
  const kept = await ledger.keepPepper(own);
  if (isOther(own, kept)) throw new Fault("PEPPER_MISMATCH");
  if (kept[0]?.scheme !== own.scheme)
    log.error("the ledger knows a newer pepper: what it made is not recognised here", {
      code: "PEPPER_MISMATCH",
    });
};

/** The same without a trace, for `doctor`; nothing where this process fingerprints nothing. */
export const judgePepper = async ({
  ledger,
  fingerprint,
}: PepperParts): Promise<readonly DoctorCheck[]> => {
  if (fingerprint === undefined) return [];
  const own = checkOf(fingerprint);
  const kept = await ledger.peppers();
  const [newest] = kept;
  const name = "pepper";
  const { text, next } = faultCodes.PEPPER_MISMATCH;
  if (isOther(own, kept)) return [{ name, ok: false, found: `PEPPER_MISMATCH: ${text}`, next }];
  if (newest === undefined)
    return [{ name, ok: true, found: "the ledger knows none yet: the first start decides" }];
  if (kept.every(({ scheme }) => scheme !== own.scheme))
    return [{ name, ok: false, found: unknownTo(newest, own), next: unknownNext }];
  if (newest.scheme !== own.scheme)
    return [{ name, ok: false, found: `${own.scheme} here, ${newest.scheme} is newer`, next }];
  return [{ name, ok: true, found: `${own.scheme}, as the ledger knows it` }];
};

const unknownTo = (newest: Fingerprint, own: Fingerprint): string =>
  `${own.scheme} is new to the ledger, what lives was made under ${newest.scheme}`;
const unknownNext =
  "if it is meant to be new: start every process with it, then rotate every credential; else correct `pepper`";

const isOther = (own: Fingerprint, kept: readonly Fingerprint[]): boolean =>
  kept.some(({ scheme, value }) => scheme === own.scheme && value !== own.value);

const checkOf = (fingerprint: Fingerprinter): Fingerprint => {
  const [own] = fingerprint(Secret.fromUtf8(checkText));
  assert(own !== undefined, "a pepper makes no fingerprint");
  return own;
};
