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

type Stores = ReadonlyMap<StoreId, Store>;

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
  return (await kept.store.read(kept.address, ref, call()))?.material;
};

interface Subject {
  readonly credential: Pick<Credential, "id" | "store">;
  readonly version: Version;
}

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
export const positiveControl = async (
  question: ControlQuestion,
): Promise<{ readonly version: Version; readonly material: Material }> => {
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
