import { CommandFailure, exitCodes } from "../failure.ts";

/** A replica that could not be reached, and why. */
export interface Tried {
  readonly url: URL;
  readonly code: string;
}

const found: Readonly<Record<string, string>> = {
  ECONNREFUSED: "nobody listens",
  ENOTFOUND: "its name is not known",
  EAI_AGAIN: "its name cannot be looked up now",
  EHOSTUNREACH: "there is no way to it",
  ENETUNREACH: "there is no way to it",
  ETIMEDOUT: "it takes no connection",
  TIMEOUT: "it does not answer in time",
  ECONNRESET: "it broke the connection off",
  EPROTO: "it does not speak TLS",
  ERR_SSL_WRONG_VERSION_NUMBER: "it does not speak TLS",
  ERR_SSL_PACKET_LENGTH_TOO_LONG: "it does not speak TLS",
};

const whyOf = (code: string): string => found[code] ?? `the connection failed (${code})`;

export const noneAnswers = (tried: readonly Tried[]): CommandFailure =>
  new CommandFailure(
    `no gateway answers at ${tried.map(({ url, code }) => `${url.origin}: ${whyOf(code)}`).join("; ")}`,
    {
      exitCode: exitCodes.unreachable,
      next: "check --url (REKEY_URL), and that a gateway with `gateway.tcp` runs there; one on this machine is asked with --socket (REKEY_SOCKET)",
    },
  );

/** It was reached, and then there was no answer. */
export const dropped = ({ url, code }: Tried, method: "GET" | "POST"): CommandFailure =>
  new CommandFailure(`${url.origin} was reached and did not answer: ${whyOf(code)}`, {
    exitCode: exitCodes.unreachable,
    next:
      method === "POST"
        ? "it may have been done: look with `rekey case list` and `rekey audit tail` before you ask again"
        : "ask again",
  });

const unknownAuthority = "name the authority that signed it with --ca (REKEY_CA)";

const trust: Readonly<Record<string, readonly [why: string, next: string]>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: ["it signed its certificate itself", unknownAuthority],
  SELF_SIGNED_CERT_IN_CHAIN: ["no known authority signed its certificate", unknownAuthority],
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: ["no known authority signed its certificate", unknownAuthority],
  UNABLE_TO_GET_ISSUER_CERT: ["no known authority signed its certificate", unknownAuthority],
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: [
    "no known authority signed its certificate",
    unknownAuthority,
  ],
  CERT_SIGNATURE_FAILURE: ["no known authority signed its certificate", unknownAuthority],
  CERT_HAS_EXPIRED: ["its certificate has ended", "renew the gateway's certificate"],
  CERT_NOT_YET_VALID: ["its certificate is not valid yet", "check the clocks of both machines"],
  ERR_TLS_CERT_ALTNAME_INVALID: [
    "its certificate is for other names",
    "ask for it by a name of its certificate",
  ],
};

/** Whoever answers is not known to be the gateway: nothing was sent, and no other replica is asked. */
export const trustCodes: ReadonlySet<string> = new Set(Object.keys(trust));

export const untrusted = (url: URL, code: string): CommandFailure => {
  const [why, next] = trust[code] ?? ["its certificate cannot be verified", unknownAuthority];
  return new CommandFailure(`${url.origin} is not trusted: ${why} (${code})`, {
    exitCode: exitCodes.unreachable,
    next,
  });
};
