import { join } from "node:path";
import type { CredentialId, StoreAddress } from "@rekey/domain";
import { isStoreAddress } from "../address.ts";
import { storeFault } from "./faults.ts";

/** Where one document and what belongs to it are kept below the store's root. */
export interface DocumentPaths {
  /** What readers open. */
  readonly document: string;
  /** Versions and lock: for Rekey alone. */
  readonly versions: string;
  readonly lock: string;
}

/** STORE_REJECTED for an address that `checkAddress` refuses: nothing unchecked becomes a path. */
export const pathsOf = (root: string, address: StoreAddress): DocumentPaths => {
  if (!isStoreAddress(address)) throw storeFault("STORE_REJECTED", "bad-address");
  const versions = join(root, `${address.document}.versions`);
  return { document: documentPath(root, address.document), versions, lock: join(versions, "lock") };
};

/** The file that a reader of `document` opens. */
export const documentPath = (root: string, document: string): string =>
  join(root, `${document}.age`);

export const credentialDirectory = (paths: DocumentPaths, credential: CredentialId): string =>
  join(paths.versions, credential);
