import type { SettingsProblem, StoreAddress, VersionRef } from "@rekey/domain";
import { checkStoreAddress } from "../address.ts";
import { storeFault } from "./faults.ts";

/** Where one document and what belongs to it are kept below the mount. */
export interface DocumentPaths {
  /** What readers read. */
  readonly document: string;
  /** What Rekey knows of it. */
  readonly book: string;
  /** One version's value: Rekey's alone until it is promoted. */
  value(ref: VersionRef): string;
}

/** Every problem of an address, one below Rekey's own folder included. */
export const checkAddressIn = (prefix: string, address: unknown): readonly SettingsProblem[] => {
  const problems = checkStoreAddress(address);
  if (problems.length > 0) return problems;
  const { document } = address as StoreAddress;
  if (document !== prefix && !document.startsWith(`${prefix}/`)) return [];
  return [
    { path: "document", reason: `must not lie in the folder ${prefix}, which is Rekey's own` },
  ];
};

/** STORE_REJECTED for an address that `checkAddress` refuses: nothing unchecked becomes a path. */
export const pathsOf = (prefix: string, address: StoreAddress): DocumentPaths => {
  if (checkAddressIn(prefix, address).length > 0) throw storeFault("STORE_REJECTED", "bad-address");
  const { document } = address;
  return {
    document,
    book: `${prefix}/books/${document}`,
    value: ({ credential, version }) => `${prefix}/values/${document}/${credential}/${version}`,
  };
};

/** Where `check` writes: one path for each opened store, so that checks of several processes do not meet. */
export const checkPath = (prefix: string, id: string): string => `${prefix}/checks/${id}`;
