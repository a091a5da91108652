import { faultCodes, type Fault, type FaultCode } from "./fault.ts";

/** What a person reads, and does next: no value that could be a secret. */
interface Advice {
  readonly text: string;
  readonly next: string;
}

/** Providers' codes that tell more than the fault's. All are of Rekey's own way in, which no credential is at fault for. */
const advices: Readonly<Record<string, Advice>> = {
  LOGIN_REFUSED: {
    text: "Rekey's own login is refused",
    next: "look at the secret id of Rekey's own AppRole: whether its file holds the newest one, whether that has ended, and which addresses it is bound to; a new one is tried at once",
  },
  LOGIN_LOCKED: {
    text: "Rekey's own login is locked",
    next: "see `vault read sys/locked-users` and unlock Rekey's role, switch user lockout off for its mount, and check that the mount is there; work resumes by itself",
  },
  PLAINTEXT: {
    text: "Rekey's own login would travel to another machine in the clear",
    next: "set `tls` of the instance, to `{}` or `{ ca }`, or to `plaintext` where passwords may travel in the clear, and restart",
  },
  TOKEN_REFUSED: {
    text: "Rekey's own token is refused",
    next: "put one that lives where its reference leads, or look at the addresses that tokens of Rekey's role are bound to; work resumes by itself",
  },
};

const refusedAtPostgres: Advice = {
  text: "PostgreSQL refuses Rekey's own login",
  next: "correct user and password in the connection string that the configuration refers to, and look at the role (login, valid until) and at pg_hba.conf; another password in its file is used at once",
};

/** SQLSTATEs of a login, where it is Rekey's own: https://www.postgresql.org/docs/18/errcodes-appendix.html */
const loginStates: ReadonlySet<string> = new Set(["28P01", "28000"]);
const ofOwnLogin: ReadonlySet<FaultCode> = new Set(["PROVIDER_DENIED", "LEDGER_UNREACHABLE"]);

/** A fault in words: by the provider's code where that says more, else by the table of faults. */
export const adviceOf = ({
  code,
  providerCode = "",
}: Pick<Fault, "code"> & { readonly providerCode?: string | undefined }): Advice =>
  (ofOwnLogin.has(code) && loginStates.has(providerCode) ? refusedAtPostgres : undefined) ??
  (Object.hasOwn(advices, providerCode) ? advices[providerCode] : undefined) ??
  faultCodes[code];
