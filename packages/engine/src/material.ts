import {
  Fault,
  type Call,
  type Credential,
  type Material,
  type Store,
  type StoreAddress,
  type StoreId,
  type Version,
} from "@rekey/domain";

export type Stores = ReadonlyMap<StoreId, Store>;

/** Where a credential's values are kept. */
interface Kept {
  readonly store: Store;
  readonly address: StoreAddress;
}

/**
 * Undefined where the holder alone keeps the value. A store that is named but not configured is a fault: what
 * cannot be read must not look like what is not there.
 */
export const keptAt = (stores: Stores, credential: Pick<Credential, "store">): Kept | undefined => {
  const { store: address } = credential;
  if (address === undefined) return undefined;
  const store = stores.get(address.store);
  if (store === undefined) throw new Fault("CONFIG_MISSING");
  return { store, address };
};

/** The value of a version as its store keeps it; undefined where there is none to try. */
export const readKept = async (
  stores: Stores,
  { credential, version }: Subject,
  call: () => Call,
): Promise<Material | undefined> => {
  const kept = keptAt(stores, credential);
  if (kept === undefined) return undefined;
  const ref = { credential: credential.id, version: version.number };
  try {
    return (await kept.store.read(kept.address, ref, call()))?.material;
  } catch (error) {
    throw error instanceof Fault ? error.from(kept.address.store) : error;
  }
};

export interface Subject {
  readonly credential: Pick<Credential, "id" | "store">;
  readonly version: Version;
}
