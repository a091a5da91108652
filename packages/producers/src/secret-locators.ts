import { locatorsMax } from "@rekey/contracts";
import type { Fingerprinter, Locator } from "@rekey/domain";
import { Secret } from "@rekey/secret";
import { readingsOf } from "./connection-string.ts";

/**
 * Fingerprints of a leaked text, best first: the whole of it, then the passwords inside a connection string,
 * so that a leaked connection string leads to the version whose password it holds. Our copies of the bytes
 * are overwritten before it returns; the text itself is the caller's.
 */
export const secretLocators = (text: string, fingerprint: Fingerprinter): readonly Locator[] =>
  readingsOf(text)
    .flatMap((value) => {
      using secret = Secret.fromUtf8(value);
      return fingerprint(secret);
    })
    .slice(0, locatorsMax);
