import type { Call, Issuer, Material } from "@rekey/domain";
import { noProbes, prepareProbes, type PreparedProbes } from "./prepared-probes.ts";

/** What a version is tried with, and the tries that have begun. */
export interface Readied {
  /** Throws what the store answered instead. */
  readonly value: () => Material | undefined;
  readonly probes: PreparedProbes;
}

export const nothingReadied: Readied = { value: () => undefined, probes: noProbes };

interface Trying {
  readonly issuer: Issuer;
  readonly read: () => Promise<Material | undefined>;
  readonly call: () => Call;
}

/** Reads the value and begins its tries; changes nothing, and never fails itself. */
export const ready = async ({ issuer, read, call }: Trying): Promise<Readied> => {
  if (!issuer.capabilities.canProbe) return nothingReadied;
  try {
    const material = await read();
    return { value: () => material, probes: prepareProbes({ issuer, call }, material) };
  } catch (error) {
    const value = (): never => {
      throw error;
    };
    return { value, probes: noProbes };
  }
};
