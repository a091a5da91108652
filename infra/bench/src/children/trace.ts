import type { Issuer, Store } from "@rekey/domain";

/** Names of the calls that left the process, in order. */
export type Trace = string[];

/** Calls that reach a provider; what is only computed is none. */
const issuerCalls = [
  "mint",
  "list",
  "suspend",
  "reinstate",
  "sweep",
  "revoke",
  "probe",
  "comparePrivileges",
] as const;
const storeCalls = ["stage", "read", "labels", "promote", "destroy"] as const;

/** The same provider, which notes what is asked of it. */
export const tracedIssuer = (issuer: Issuer, trace: Trace): Issuer =>
  traced(issuer, issuerCalls, { trace, prefix: "issuer" });

export const tracedStore = (store: Store, trace: Trace): Store =>
  traced(store, storeCalls, { trace, prefix: "store" });

const traced = <Port extends object>(
  port: Port,
  names: readonly (keyof Port & string)[],
  { trace, prefix }: { readonly trace: Trace; readonly prefix: string },
): Port => {
  const wrapped: Record<string, unknown> = {};
  for (const name of names) {
    const call = port[name] as (...words: unknown[]) => unknown;
    wrapped[name] = (...words: unknown[]): unknown => {
      trace.push(`${prefix}.${name}`);
      return call.apply(port, words);
    };
  }
  return { ...port, ...wrapped };
};
