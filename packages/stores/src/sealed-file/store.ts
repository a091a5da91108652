import { randomUUID } from "node:crypto";
import { join } from "node:path";
import type {
  Call,
  Clock,
  Failpoint,
  PromoteRequest,
  StagedVersion,
  Store,
  StoreAddress,
  StoreCapabilities,
  StoreId,
  StoreLabels,
  VersionRef,
} from "@rekey/domain";
import { checkStoreAddress } from "../address.ts";
import { renderFields } from "../fields.ts";
import { labelOf } from "./document.ts";
import { storeFault } from "./faults.ts";
import { makeDirectory, removeFile, replaceFile, requireDirectory } from "./files.ts";
import { withLock } from "./lock.ts";
import { pathsOf, type DocumentPaths } from "./paths.ts";
import { openDocument, promoteDocument, type DocumentFile } from "./promote.ts";
import { createSealer, type Identities, type Sealer } from "./seal.ts";
import { openVersions, type Versions } from "./versions.ts";

export const sealedFileCapabilities: StoreCapabilities = {
  labels: true,
  canDestroy: true,
  sealedToReaders: true,
};

export interface SealedFileSetup {
  readonly instance: StoreId;
  /** Must exist: a volume that is not mounted must not become an empty store. */
  readonly root: string;
  readonly identities: Identities;
  readonly readers: readonly string[];
  readonly documentMode: number;
  readonly clock: Clock;
  readonly failpoint: Failpoint;
}

/** What one call works on. */
interface Room {
  readonly paths: DocumentPaths;
  readonly file: DocumentFile;
  readonly versions: Versions;
}

/** Documents as age-encrypted JSON files below one directory. See README.md for layout and limits. */
export const openSealedFileStore = (setup: SealedFileSetup): Store => {
  const sealer = createSealer(setup.identities);
  const enter = async (address: StoreAddress): Promise<Room> => {
    const paths = pathsOf(setup.root, address);
    await requireDirectory(setup.root);
    return roomOf(setup, { paths, sealer });
  };
  const locked = async <Value>(
    address: StoreAddress,
    call: Call,
    work: (room: Room) => Promise<Value>,
  ): Promise<Value> => {
    const room = await enter(address);
    await makeDirectory(room.paths.versions, 0o700);
    return withLock({ path: room.paths.lock, clock: setup.clock, call }, () => work(room));
  };
  return {
    kind: "sealed-file",
    instance: setup.instance,
    capabilities: sealedFileCapabilities,
    checkAddress: checkStoreAddress,
    stage: (address, staged, call) =>
      locked(address, call, (room) => stage(room, { address, staged }, setup.failpoint)),
    read: async (address, ref) => (await enter(address)).versions.read(ref),
    labels: async (address, ref) => labels(await enter(address), ref),
    promote: (address, request, call) =>
      locked(address, call, (room) => promote(room, { address, request }, setup.failpoint)),
    destroy: (address, ref, call) =>
      locked(address, call, (room) => destroy(room, ref, setup.failpoint)),
    check: () => check(setup.root, sealer),
    close: async () => {},
  };
};

const roomOf = (
  { readers, documentMode }: SealedFileSetup,
  { paths, sealer }: { readonly paths: DocumentPaths; readonly sealer: Sealer },
): Room => ({
  paths,
  file: { path: paths.document, sealer, readers, mode: documentMode },
  versions: openVersions(paths, sealer),
});

const stage = async (
  { versions }: Room,
  { address, staged }: { readonly address: StoreAddress; readonly staged: StagedVersion },
  failpoint: Failpoint,
): Promise<{ readonly outcome: "created" | "adopted" }> => {
  const { ref, rotation, rotationNumber, material } = staged;
  if (await versions.isDestroyed(ref)) throw storeFault("STORE_REJECTED", "destroyed");
  if ((await versions.read(ref)) !== undefined) return { outcome: "adopted" };
  // A template that cannot be filled is found before anything is minted.
  renderFields(address.fields, { version: ref.version, material });
  await versions.write(ref, { version: ref.version, rotation, rotationNumber, material });
  await failpoint("store.stage.after-effect");
  return { outcome: "created" };
};

const promote = async (
  { file, versions }: Room,
  { address, request }: { readonly address: StoreAddress; readonly request: PromoteRequest },
  failpoint: Failpoint,
): Promise<"promoted" | "already" | "conflict"> => {
  const outcome = await promoteDocument(file, {
    address,
    request,
    kept: () => versions.read(request.ref),
    beforeEffect: () => failpoint("store.promote.before-effect"),
  });
  await failpoint("store.promote.after-effect");
  return outcome;
};

const destroy = async (
  { file, versions }: Room,
  ref: VersionRef,
  failpoint: Failpoint,
): Promise<void> => {
  const { document } = await openDocument(file);
  if (labelOf(document, ref.credential)?.version === ref.version) {
    throw storeFault("STORE_CONFLICT", "destroy-of-current");
  }
  await versions.destroy(ref);
  await failpoint("store.destroy.after-effect");
};

const labels = async (
  { file, versions }: Room,
  { credential }: Pick<VersionRef, "credential">,
): Promise<StoreLabels> => {
  const kept = await versions.list(credential);
  const label = labelOf((await openDocument(file)).document, credential);
  const promoted = label?.promoted ?? 0;
  const pending = Math.max(
    0,
    ...kept.map(({ version }) => version).filter((one) => one > promoted),
  );
  return {
    ...(label === undefined ? {} : { current: label.version }),
    ...(pending === 0 ? {} : { pending }),
    versions: kept.toSorted((one, other) => one.version - other.version),
  };
};

/** Seals, writes, removes: what every effect needs, with nothing left behind. */
const check = async (root: string, sealer: Sealer): Promise<void> => {
  await requireDirectory(root);
  const path = join(root, `.check-${randomUUID()}`);
  const bytes = await sealer.seal("{}", []);
  await sealer.open(bytes);
  await replaceFile(path, { bytes, mode: 0o600 });
  await removeFile(path);
};
