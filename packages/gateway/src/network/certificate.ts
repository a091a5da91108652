import type { TLSSocket } from "node:tls";
import type { Caller } from "./caller.ts";
import { callerOf } from "./claims.ts";
import type { Denial } from "./denial.ts";
import type { MtlsOptions } from "./options.ts";

/** Longest name of a certificate. It becomes part of an id that is stored with every audit event. */
const subjectLengthMax = 256;

/** What the handshake left of a client's certificate. */
type PeerCertificate = Pick<
  ReturnType<TLSSocket["getPeerCertificate"]>,
  "subject" | "subjectaltname" | "valid_to"
>;

export interface Presented {
  readonly certificate: PeerCertificate;
  /** Verified against the client authorities during the handshake. */
  readonly isTrusted: boolean;
}

/** The client's certificate; undefined where it showed none. */
export const presentedBy = (socket: TLSSocket): Presented | undefined => {
  const certificate: Partial<PeerCertificate> = socket.getPeerCertificate();
  if (certificate.subject === undefined) return undefined;
  return { certificate: certificate as PeerCertificate, isTrusted: socket.authorized };
};

/** The actor of a client certificate, or why there is none. `now` is the wall's. */
export const certificateCaller = (
  { certificate, isTrusted }: Presented,
  options: MtlsOptions,
  now: number,
): Caller | Denial => {
  if (!isTrusted) return { denied: "CERTIFICATE_UNTRUSTED" };
  // A connection may outlive the certificate that it was opened with.
  if (Date.parse(certificate.valid_to) <= now) return { denied: "CERTIFICATE_EXPIRED" };
  const [subject, second] = namesOf(certificate, options.subject);
  if (subject === undefined || second !== undefined || !isSubject(subject))
    return { denied: "CERTIFICATE_SUBJECT" };
  return callerOf({
    mapping: options,
    id: `mtls:${subject}`,
    authenticated: "mtls",
    values: [subject],
    subject,
    rolesBy: `gateway.mtls.roles gives roles by the certificate's ${kinds[options.subject]}`,
  });
};

const kinds = { uri: "URI name", dns: "DNS name", cn: "subject CN" } as const;

const namesOf = (
  { subject, subjectaltname = "" }: PeerCertificate,
  kind: MtlsOptions["subject"],
): readonly string[] => {
  if (kind === "cn") return [(subject.CN as string | readonly string[] | undefined) ?? []].flat();
  const prefix = kind === "uri" ? "URI" : "DNS";
  const names = alternativeNames(subjectaltname);
  return names === undefined
    ? []
    : names.filter(({ type }) => type === prefix).map(({ value }) => value);
};

interface AlternativeName {
  readonly type: string;
  readonly value: string;
}

/**
 * Node writes `URI:spiffe://a/b, DNS:c`, and a value that holds a comma, a quote or a control character as a JSON
 * string (CVE-2021-44532): a name is never found inside another. Undefined for what is written otherwise.
 */
export const alternativeNames = (text: string): readonly AlternativeName[] | undefined => {
  const names: AlternativeName[] = [];
  let rest = text;
  while (rest !== "") {
    const found = /^([A-Za-z ]+):("(?:[^"\\]|\\.)*"|[^",]*)(?:, |$)/s.exec(rest);
    if (found === null) return undefined;
    const [whole, type = "", written = ""] = found;
    const value = written.startsWith('"') ? unquoted(written) : written;
    if (value === undefined) return undefined;
    names.push({ type, value });
    rest = rest.slice(whole.length);
  }
  return names;
};

const unquoted = (text: string): string | undefined => {
  try {
    return JSON.parse(text) as string;
  } catch {
    return undefined;
  }
};

const isSubject = (text: string): boolean =>
  text.length > 0 && text.length <= subjectLengthMax && !/[\p{Cc}\p{Cs}]/u.test(text);
