import type { Call, Issuer, Material, PreparedProbe } from "@rekey/domain";

/** Tries of one value that have begun, by vantage. */
export interface PreparedProbes {
  readonly at: ReadonlyMap<string, PreparedProbe>;
  /** Leaves those that were not finished. */
  drop(): void;
}

export const noProbes: PreparedProbes = { at: new Map(), drop: () => undefined };

interface Asked {
  readonly issuer: Issuer;
  readonly call: () => Call;
}

/** Begins a try at every configured endpoint, where the issuer can. */
export const prepareProbes = (
  { issuer, call }: Asked,
  material: Material | undefined,
): PreparedProbes => {
  if (material === undefined || issuer.prepareProbe === undefined) return noProbes;
  const own = call();
  const at = new Map<string, PreparedProbe>();
  for (const vantage of issuer.vantages) {
    const probe = issuer.prepareProbe(material, vantage, own);
    if (probe !== undefined) at.set(vantage, probe);
  }
  return { at, drop: () => at.forEach((probe) => probe.drop()) };
};
