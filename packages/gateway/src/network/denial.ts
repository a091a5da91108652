/** All that is told, and logged, of why a credential was not accepted. */
export type DenialCode =
  | "CREDENTIAL_MISSING"
  | "TOKEN_MALFORMED"
  | "TOKEN_ALGORITHM"
  | "TOKEN_ISSUER"
  | "TOKEN_AUDIENCE"
  | "TOKEN_EXPIRED"
  | "TOKEN_NOT_YET_VALID"
  | "TOKEN_KEY_UNKNOWN"
  | "TOKEN_SIGNATURE"
  | "TOKEN_CLAIMS"
  | "CERTIFICATE_UNTRUSTED"
  | "CERTIFICATE_EXPIRED"
  | "CERTIFICATE_SUBJECT"
  | "DOOR_UNKNOWN";

/** Nobody is let in: the credential is not accepted, or whether it is cannot be told now. */
export type Denial =
  | { readonly denied: DenialCode }
  /** The name of the issuer in the configuration, and what happened to its keys. */
  | { readonly unavailable: string; readonly code: string };
