import {
  Fault,
  type Call,
  type Material,
  type Store,
  type StoreAddress,
  type StoreId,
  type StoredVersion,
} from "@rekey/domain";

type StoreEffect = "stage" | "promote" | "destroy";

export interface FakeStore {
  readonly store: Store;
  /** What a reader that knows nothing of Rekey finds in a document. */
  read(document: string): Material | undefined;
  /** The value of one version, as a consumer that was given it still has it. */
  version(document: string, number: number): Material | undefined;
  /** Called when an effect is asked; throws to fail it. */
  asked: (effect: StoreEffect, call: Call) => void;
}

interface Shelf {
  current?: number;
  readonly versions: Map<number, StoredVersion>;
}

/** A store in memory with the rules of every store: what is kept wins, and promote compares before it sets. */
export const fakeStore = (instance: StoreId): FakeStore => {
  const shelves = new Map<string, Shelf>();
  const shelf = ({ document }: StoreAddress): Shelf => {
    const known = shelves.get(document) ?? { versions: new Map() };
    shelves.set(document, known);
    return known;
  };
  const fake: FakeStore = {
    store: undefined as unknown as Store,
    read: (document) => {
      const { current, versions } = shelves.get(document) ?? { versions: new Map() };
      return current === undefined ? undefined : versions.get(current)?.material;
    },
    version: (document, number) => shelves.get(document)?.versions.get(number)?.material,
    asked: () => undefined,
  };
  return Object.assign(fake, { store: storeOf(fake, instance, shelf) });
};

const storeOf = (
  fake: FakeStore,
  instance: StoreId,
  shelf: (address: StoreAddress) => Shelf,
): Store => ({
  kind: "fake",
  instance,
  capabilities: { labels: true, canDestroy: true, sealedToReaders: false },
  checkAddress: () => [],
  stage: async (address, staged, call) => {
    fake.asked("stage", call);
    const { versions } = shelf(address);
    const { version } = staged.ref;
    if (versions.has(version)) return await Promise.resolve({ outcome: "adopted" });
    const { rotation, rotationNumber, material } = staged;
    versions.set(version, { version, rotation, rotationNumber, material });
    return { outcome: "created" };
  },
  read: async (address, ref) => await Promise.resolve(shelf(address).versions.get(ref.version)),
  labels: async (address) => {
    const { current, versions } = shelf(address);
    return await Promise.resolve({
      ...(current === undefined ? {} : { current }),
      versions: [...versions.values()],
    });
  },
  promote: async (address, { ref, from }, call) => {
    fake.asked("promote", call);
    const kept = shelf(address);
    if (kept.current === ref.version) return await Promise.resolve("already");
    if (kept.current !== from) return "conflict";
    if (!kept.versions.has(ref.version)) throw new Fault("STORE_VALUE_MISSING");
    kept.current = ref.version;
    return "promoted";
  },
  destroy: async (address, ref, call) => {
    fake.asked("destroy", call);
    const kept = shelf(address);
    if (kept.current === ref.version) throw new Fault("STORE_REJECTED");
    await Promise.resolve(kept.versions.delete(ref.version));
  },
  check: async () => await Promise.resolve(),
  close: async () => await Promise.resolve(),
});
