import { parseRekeyLocator, rekeyLocatorScheme } from "@rekey/domain";
import { z } from "zod";
import { holdsToken } from "../token-like.ts";
import { textSchema } from "../text.ts";

interface Shape {
  readonly holds: (value: string) => boolean;
  /** Follows "must be". */
  readonly told: string;
}

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const ulid = /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/;
const digest = /^[0-9a-f]{64}$/;
const keyId = (pattern: RegExp, told: string): Shape => ({
  holds: (value) => pattern.test(value),
  told,
});

// Words of a place, none of them empty or shaped like a secret: no user, no query, no fragment.
const place = (pattern: RegExp, told: string): Shape => ({
  holds: (value) => pattern.test(value) && !holdsToken(value),
  told,
});

/**
 * Ways to name the version a signal is about, each with the shape of its values. The list is closed and no
 * scheme takes free text, so that nobody sends a raw value by one. Keyed schemes end with the id of the pepper.
 */
const shapes: Readonly<Record<ExactScheme, Shape>> = {
  "aws-access-key-id": keyId(/^A[A-Z0-9]{15,31}$/, "an access key id such as AKIAIOSFODNN7EXAMPLE"),
  "gcp-sa-key": keyId(/^[0-9a-f]{40}$/, "the key's id: 40 hex digits"),
  "entra-key-id": keyId(uuid, "the key's id: a UUID"),
  "github-alert": place(
    /^(?:[A-Za-z0-9.-]{1,253}\/)?[A-Za-z0-9._/-]{1,140}#[0-9]{1,10}$/,
    "a repository and the number of its alert: github.example/acme/shop#12",
  ),
  "jwt-jti": {
    holds: (value) => uuid.test(value) || ulid.test(value) || digest.test(value),
    told: "a UUID, a ULID, or the SHA-256 of any other jti in 64 hex digits",
  },
  x509: keyId(
    /^(?:sha256:[0-9a-f]{64}|serial:[0-9a-f]{1,40})$/,
    "sha256:<64 hex digits> of the certificate or its key, or serial:<hex>",
  ),
  ssh: keyId(
    /^SHA256:[A-Za-z0-9+/]{43}$/,
    "SHA256:<43 characters of base64>, as ssh-keygen -l prints it",
  ),
  vault: place(
    /^[A-Za-z0-9][A-Za-z0-9.-]{0,252}(?::[0-9]{1,5})?(?:\/[A-Za-z0-9_.-]{1,128}){1,16}(?:#[0-9]{1,9})?$/,
    "host/mount/path, with #version where it has one; lease ids and accessors are refused",
  ),
  "store-ref": place(
    /^[a-z0-9][a-z0-9._-]{0,62}:[A-Za-z0-9_.:-]{1,128}(?:\/[A-Za-z0-9_.:-]{1,128}){0,16}(?:#[0-9]{1,9})?$/,
    "store:path, with #version where it has one",
  ),
};

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
type ExactScheme = (typeof exactSchemes)[number];

const keyedScheme = /^(?:hmac-sha256|hmsl-scrypt-v1):[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/;
const keyedValue = /^[0-9a-f]{64}$/;

const isExact = (scheme: string): scheme is ExactScheme => Object.hasOwn(shapes, scheme);

/** A keyed digest of a secret: `hmac-sha256:<pepper id>` or `hmsl-scrypt-v1:<pepper id>`. */
export const isKeyedScheme = (scheme: string): boolean => keyedScheme.test(scheme);

const schemeShape = `must be ${rekeyLocatorScheme}, hmac-sha256:<pepper id>, hmsl-scrypt-v1:<pepper id> or one of ${exactSchemes.join(", ")}`;

// An issuer's address, an account, a host: nothing that could let anybody in.
const authority = /^[A-Za-z0-9][A-Za-z0-9._:/@-]*$/;
const isAuthority = (text: string): boolean => authority.test(text) && !holdsToken(text);
const authorityShape = "must be a host, an account or an issuer's address";

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
    authority: z.string().max(256).refine(isAuthority, authorityShape).exactOptional(),
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
  if (!isExact(scheme) || shapes[scheme].holds(value)) return undefined;
  return `must be ${shapes[scheme].told}`;
}
