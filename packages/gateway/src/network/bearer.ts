import type { WallClock } from "@rekey/runtime";
import { decodeJwt, errors, jwtVerify, type JWTPayload } from "jose";
import type { Caller } from "./caller.ts";
import { callerOf, claimValues } from "./claims.ts";
import type { Denial, DenialCode } from "./denial.ts";
import { createKeySet, fileTimes, remoteTimes, type KeySet } from "./key-set.ts";
import { KeysFault, keysOfFile, keysOfUrl } from "./key-source.ts";
import type { JwtIssuerOptions } from "./options.ts";

/** Longest token that is looked at; the headers together have a bound of their own. */
const tokenLengthMax = 8_192;
/** Longest `sub`. It becomes part of an id that is stored with every audit event. */
const subjectLengthMax = 256;

const bearerPattern = /^Bearer +([\w-]+\.[\w-]+\.[\w-]+) *$/i;

/** The actor of an Authorization header, or why there is none. */
export type BearerCheck = (authorization: string) => Promise<Caller | Denial>;

type Issuer = {
  readonly name: string;
  readonly options: JwtIssuerOptions;
  readonly keys: KeySet;
};

/** Tokens of the configured issuers; what each of them says of itself is believed after its signature held. */
export const createBearerCheck = (
  issuers: Readonly<Record<string, JwtIssuerOptions>>,
  clock: WallClock,
): BearerCheck => {
  const known = new Map(
    Object.entries(issuers).map(([name, options]) => [
      options.issuer,
      { name, options, keys: keySetOf(options, clock) },
    ]),
  );
  return async (authorization) => {
    const token = bearerPattern.exec(authorization)?.[1];
    if (token === undefined || token.length > tokenLengthMax) return { denied: "TOKEN_MALFORMED" };
    const claimed = claimedIssuer(token);
    if (claimed === undefined) return { denied: "TOKEN_MALFORMED" };
    const issuer = known.get(claimed);
    return issuer === undefined ? { denied: "TOKEN_ISSUER" } : await check(token, issuer, clock);
  };
};

const keySetOf = ({ keysUrl, keysFile, keysCa }: JwtIssuerOptions, clock: WallClock): KeySet =>
  keysUrl === undefined
    ? createKeySet({ source: keysOfFile(keysFile ?? ""), clock, times: fileTimes })
    : createKeySet({ source: keysOfUrl(keysUrl, keysCa), clock, times: remoteTimes });

/** Only says whose keys to try. */
const claimedIssuer = (token: string): string | undefined => {
  try {
    return decodeJwt(token).iss ?? "";
  } catch {
    return undefined;
  }
};

const check = async (
  token: string,
  { name, options, keys }: Issuer,
  clock: WallClock,
): Promise<Caller | Denial> => {
  try {
    const { payload } = await jwtVerify(token, keys, {
      issuer: options.issuer,
      audience: options.audience,
      algorithms: options.algorithms,
      clockTolerance: options.clockTolerance / 1_000,
      currentDate: new Date(clock.now()),
      requiredClaims: ["sub", "exp"],
    });
    return known(payload, name, options);
  } catch (error) {
    if (error instanceof KeysFault) return { unavailable: `jwt.${name}`, code: error.code };
    return { denied: denialOf(error) };
  }
};

const known = (payload: JWTPayload, name: string, options: JwtIssuerOptions): Caller | Denial => {
  const { sub = "" } = payload;
  if (!isSubject(sub)) return { denied: "TOKEN_CLAIMS" };
  return callerOf({
    mapping: options,
    id: `jwt:${options.issuer}#${sub}`,
    authenticated: "jwt",
    values: claimValues(payload, options.rolesClaim),
    subject: sub,
    rolesBy: `gateway.jwt.${name}.roles gives roles by the values of the claim ${options.rolesClaim}`,
  });
};

const isSubject = (text: string): boolean =>
  text.length > 0 && text.length <= subjectLengthMax && !/[\p{Cc}\p{Cs}]/u.test(text);

const byCode: Readonly<Record<string, DenialCode>> = {
  ERR_JOSE_ALG_NOT_ALLOWED: "TOKEN_ALGORITHM",
  ERR_JOSE_NOT_SUPPORTED: "TOKEN_ALGORITHM",
  ERR_JWKS_NO_MATCHING_KEY: "TOKEN_KEY_UNKNOWN",
  ERR_JWKS_MULTIPLE_MATCHING_KEYS: "TOKEN_KEY_UNKNOWN",
  ERR_JWS_SIGNATURE_VERIFICATION_FAILED: "TOKEN_SIGNATURE",
  ERR_JWT_EXPIRED: "TOKEN_EXPIRED",
  ERR_JWS_INVALID: "TOKEN_MALFORMED",
  ERR_JWT_INVALID: "TOKEN_MALFORMED",
};

const byClaim: Readonly<Record<string, DenialCode>> = {
  aud: "TOKEN_AUDIENCE",
  iss: "TOKEN_ISSUER",
  nbf: "TOKEN_NOT_YET_VALID",
};

// Whatever else goes wrong with a token is the token's fault: nobody is let in by an error of ours.
const denialOf = (error: unknown): DenialCode => {
  if (error instanceof errors.JWTClaimValidationFailed)
    return byClaim[error.claim] ?? "TOKEN_CLAIMS";
  const { code } = error as { code?: unknown };
  return (typeof code === "string" ? byCode[code] : undefined) ?? "TOKEN_MALFORMED";
};
