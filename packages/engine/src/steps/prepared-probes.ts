import type { Material, PreparedProbe } from "@rekey/domain";
import { callFor, type StepContext } from "./step.ts";

/** Tries of one value that have begun, by vantage. */
export interface PreparedProbes {
  readonly at: ReadonlyMap<string, PreparedProbe>;
  /** Leaves those that were not finished. */
  drop(): void;
}

export const noProbes: PreparedProbes = { at: new Map(), drop: () => undefined };

/** Begins a try at every configured endpoint, where the issuer can. */
export const prepareProbes = (
  context: StepContext,
  material: Material | undefined,
): PreparedProbes => {
  const { issuer } = context;
  if (material === undefined || issuer.prepareProbe === undefined) return noProbes;
  const call = callFor(context);
  const at = new Map<string, PreparedProbe>();
  for (const vantage of issuer.vantages) {
    const probe = issuer.prepareProbe(material, vantage, call);
    if (probe !== undefined) at.set(vantage, probe);
  }
  return { at, drop: () => at.forEach((probe) => probe.drop()) };
};
