import { ownIdentity } from "@rekey/contracts";
import {
  adviceOf,
  failedControl,
  Fault,
  faultCodes,
  identityId,
  type Call,
  type CredentialView,
  type FailedControl,
  type Issuer,
  type IssuerId,
  type Ledger,
  type ProbeRecord,
} from "@rekey/domain";
import { controlTries, readKept, type Tried } from "@rekey/engine";
import type { DoctorCheck } from "@rekey/gateway";
import type { Providers } from "../parts/opened.ts";

/** Rekey's own credentials: one control for each issuer instance, and what it acts with. */
const ownMax = 1_000;

interface Looking extends Pick<Providers, "issuers" | "stores"> {
  readonly ledger: Pick<Ledger, "credentials">;
  /** A fresh deadline for all that one issuer is asked. */
  readonly call: () => Call;
}

/**
 * At each endpoint of each issuer, what proofs of death stand on: the control credential is let in, and a bogus login
 * made from it is not. Nothing where the ledger does not answer, which is said already.
 */
export const controlChecks = async (looking: Looking): Promise<readonly DoctorCheck[]> => {
  try {
    const identity = identityId(ownIdentity);
    const own = await looking.ledger.credentials({ identity, limit: ownMax });
    const probed = [...looking.issuers].filter(([, issuer]) => issuer.capabilities.canProbe);
    const checks = probed.map(async ([id, issuer]) => {
      const control = own.find(
        ({ credential: { control: isControl, declared, issuer: at } }) =>
          isControl && declared && at.instance === id,
      );
      return await askIssuer(looking, { id, issuer, control });
    });
    return (await Promise.all(checks)).flat();
  } catch (error) {
    if (error instanceof Fault) return [];
    throw error;
  }
};

interface Asked {
  readonly id: IssuerId;
  readonly issuer: Issuer;
  readonly control: CredentialView | undefined;
}

const askIssuer = async (
  { stores, call }: Looking,
  { id, issuer, control }: Asked,
): Promise<readonly DoctorCheck[]> => {
  const name = `controls of ${id}`;
  const version = control?.versions.find(
    ({ label, life }) => label === "current" && life === "valid",
  );
  if (control === undefined) return [{ name, ...nothingToTry }];
  if (version === undefined) return [{ name, ...withoutVersion }];
  const asking = call();
  try {
    const { credential } = control;
    const material = await readKept(stores, { credential, version }, () => asking);
    if (material === undefined) throw new Fault("STORE_VALUE_MISSING");
    const tries = controlTries(issuer, { version, material });
    const probes = await probeAll(issuer, tries, asking);
    return issuer.vantages.map((vantage) =>
      judgeControls(`${name} at ${vantage}`, probes, vantage),
    );
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return [
      {
        name,
        ok: false,
        found: [error.code, error.providerCode].filter(Boolean).join(", "),
        next: adviceOf(error).next,
      },
    ];
  }
};

const nothingToTry: Omit<DoctorCheck, "name"> = {
  ok: true,
  skipped: true,
  found: "no control credential yet",
  next: "name a `control` for the instance, run `rekey apply`, and ask again",
};

const withoutVersion: Omit<DoctorCheck, "name"> = {
  ok: true,
  skipped: true,
  found: "its control credential has no version yet",
  next: "`rekey case list` shows what its first one waits for",
};

/** One endpoint after the other, the login that succeeds last: refusals add up nowhere. */
const probeAll = async (
  issuer: Issuer,
  tries: readonly Tried[],
  call: Call,
): Promise<readonly ProbeRecord[]> => {
  const probes: ProbeRecord[] = [];
  for (const vantage of issuer.vantages)
    for (const { material, role, version } of tries) {
      const reply = await issuer.probe(material, vantage, call);
      const of = { credential: version.credential, version: version.number };
      probes.push({ ...reply, role, of, at: 0 });
    }
  return probes;
};

/** Pure: what the answers at one endpoint mean for proofs, and what to do. */
export const judgeControls = (
  name: string,
  probes: readonly ProbeRecord[],
  vantage: string,
): DoctorCheck => {
  const failed = failedControl(probes, vantage);
  if (failed === undefined) return { name, ok: true, found: "let in; a wrong value is refused" };
  return { name, ok: false, ...said(failed, probes) };
};

const said = (
  { control, answer, vantage }: FailedControl,
  probes: readonly ProbeRecord[],
): Pick<DoctorCheck, "found" | "next"> => {
  const probe = probes.find(
    (one) => one.vantage === vantage && one.role === control && one.answer === answer,
  );
  const found = `PROOF_CONTROL_FAILED (${control} ${[answer, probe?.code].join(" ")})`;
  if (answer === "unknown" || answer === "none")
    return { found, next: faultCodes.PROOF_UNKNOWN.next };
  const next =
    control === "negative-control"
      ? "it lets in a wrong value: make it ask for the right one (PostgreSQL: no `trust` in pg_hba.conf)"
      : "it refuses the control credential: see who disabled it at the provider, or rotate it";
  return { found, next };
};
