import { parseRekeyLocator, rekeyLocatorScheme } from "@rekey/domain";
import { z } from "zod";
import { textSchema } from "../text.ts";

/**
 * Ways to name the version a signal is about. The list is closed, so that nobody invents a scheme that
 * carries a raw value. Keyed schemes end with the id of the pepper that keyed them.
 */
export const exactSchemes = [
  "aws-access-key-id",
  "gcp-sa-key",
  "entra-key-id",
  "github-alert",
  "jwt-jti",
  "x509",
  "ssh",
  "vault",
  "store-ref",
] as const;

const keyedScheme = /^(?:hmac-sha256|hmsl-scrypt-v1):[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/;
const keyedValue = /^[0-9a-f]{64}$/;

const isExact = (scheme: string): boolean => exactSchemes.some((known) => known === scheme);

/** A keyed digest of a secret: `hmac-sha256:<pepper id>` or `hmsl-scrypt-v1:<pepper id>`. */
export const isKeyedScheme = (scheme: string): boolean => keyedScheme.test(scheme);

const schemeShape = `must be ${rekeyLocatorScheme}, hmac-sha256:<pepper id>, hmsl-scrypt-v1:<pepper id> or one of ${exactSchemes.join(", ")}`;

export const locatorSchema = z
  .strictObject({
    scheme: z
      .string()
      .max(80)
      .refine(
        (scheme) => scheme === rekeyLocatorScheme || isExact(scheme) || isKeyedScheme(scheme),
        schemeShape,
      ),
    value: textSchema(512),
    authority: textSchema(256).exactOptional(),
  })
  .superRefine((locator, context) => {
    const reason = reasonAgainst(locator.scheme, locator.value);
    if (reason !== undefined)
      context.addIssue({ code: "custom", path: ["value"], message: reason });
  });

function reasonAgainst(scheme: string, value: string): string | undefined {
  if (scheme === rekeyLocatorScheme && parseRekeyLocator(value) === undefined) {
    return "must be a credential or a version of it, such as payments-db#3";
  }
  if (isKeyedScheme(scheme) && !keyedValue.test(value)) {
    return "must be 64 hex digits: the keyed digest, never the secret";
  }
  return undefined;
}
