import {
  Fault,
  type Call,
  type FailedControl,
  type Issuer,
  type Material,
  type ProbeRecord,
  type ProofVerdict,
  type Version,
} from "@rekey/domain";
import { readKept, type Stores, type Subject } from "./material.ts";

/** A version that must work, and its value. */
interface Control {
  readonly version: Version;
  readonly material: Material;
}

/** One login to try, and the version that it is, or that it was made from. */
export interface Tried extends Pick<ProbeRecord, "role"> {
  readonly material: Material;
  readonly version: Pick<Version, "credential" | "number">;
}

/**
 * Both controls. The bogus login is made from the one that is let in: that a dead name is refused with a wrong value
 * too would say nothing of values. It comes first, so that the login that succeeds ends its series of refusals.
 */
export const controlTries = (issuer: Issuer, { material, version }: Control): readonly Tried[] => [
  { material: issuer.bogus(material), version, role: "negative-control" },
  { material, version, role: "positive-control" },
];

interface ControlQuestion {
  readonly stores: Stores;
  /** Every version of the credential, and those of them that die. */
  readonly versions: readonly Version[];
  readonly dying: readonly number[];
  /** How the credential's own values are read. */
  readonly own: (version: Version) => Promise<Material | undefined>;
  readonly control: Subject | undefined;
  readonly call: () => Call;
}

/**
 * What must work where a dead value is refused: the version that goes on, else the control credential of the same
 * issuer instance. NO_CONTROL where neither can be tried.
 */
export const positiveControl = async (question: ControlQuestion): Promise<Control> => {
  const { stores, versions, dying, own, control, call } = question;
  const current = versions.find(
    ({ label, life, number }) => label === "current" && life === "valid" && !dying.includes(number),
  );
  const successor = current === undefined ? undefined : await own(current);
  if (current !== undefined && successor !== undefined)
    return { version: current, material: successor };
  const material = control === undefined ? undefined : await readKept(stores, control, call);
  if (control === undefined || material === undefined) throw new Fault("NO_CONTROL");
  return { version: control.version, material };
};

/** Refusals that prove nothing because of this control; the log says which it was, and where. */
export const controlFault = ({ control, answer, vantage }: FailedControl): Fault =>
  new Fault("PROOF_CONTROL_FAILED", { providerCode: `${control} ${answer} at ${vantage}` });

/** Why a set of probes proves no death. */
export const noProof = (verdict: Extract<ProofVerdict, { readonly verdict: "unknown" }>): Fault =>
  verdict.reason === "control-failed" ? controlFault(verdict) : new Fault("PROOF_UNKNOWN");
