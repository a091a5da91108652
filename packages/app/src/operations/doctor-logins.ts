import { Fault, type Call, type Issuer, type LoginRisk, type Store } from "@rekey/domain";
import type { DoctorCheck } from "@rekey/gateway";
import type { Providers } from "../parts/opened.ts";

interface Looking extends Pick<Providers, "issuers" | "stores"> {
  /** A fresh deadline, for each question. */
  readonly call: () => Call;
}

type AsksRisk = Pick<Issuer | Store, "loginRisk">;

/**
 * What could end Rekey's own login at an issuer or a store, with the command against it. No line where nothing could, and
 * none where nobody answers: that is said already.
 */
export const loginChecks = async ({
  issuers,
  stores,
  call,
}: Looking): Promise<readonly DoctorCheck[]> => {
  const providers: readonly (readonly [string, AsksRisk])[] = [...issuers, ...stores];
  const checks = providers.map(async ([name, provider]) => await ask(name, provider, call));
  return (await Promise.all(checks)).flat();
};

const ask = async (
  instance: string,
  provider: AsksRisk,
  call: () => Call,
): Promise<readonly DoctorCheck[]> => {
  const name = `login of ${instance}`;
  try {
    const risk = await provider.loginRisk?.(call());
    return risk === undefined ? [] : [{ name, ok: false, ...said(risk) }];
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return isDenied(error) ? [{ name, ...notTold(error) }] : [];
  }
};

const said = ({ risk, command }: LoginRisk): Pick<DoctorCheck, "found" | "next"> => ({
  found: risk,
  next: command,
});

const isDenied = ({ code }: Fault): boolean =>
  code === "PROVIDER_DENIED" || code === "STORE_REJECTED";

const notTold = ({ code, providerCode }: Fault): Omit<DoctorCheck, "name"> => ({
  ok: true,
  skipped: true,
  found: `it does not tell whether refused logins lock Rekey's own role (${[code, providerCode].filter(Boolean).join(", ")})`,
  next: "grant the read that the provider's page names for `doctor`",
});
