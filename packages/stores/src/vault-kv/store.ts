import { randomUUID } from "node:crypto";
import type {
  Call,
  Clock,
  Failpoint,
  Store,
  StoreAddress,
  StoreCapabilities,
  StoreId,
  StoreLabels,
  VersionRef,
} from "@rekey/domain";
import type { VaultClient } from "@rekey/vault-client";
import { currentOf, digestsOf, recordOf } from "./book.ts";
import { openBook, openValue, type Room } from "./bookkeeping.ts";
import { destroyVersion } from "./destroy.ts";
import { faultOfVault, storeFault } from "./faults.ts";
import { kvOf, type Kv } from "./kv.ts";
import { checkAddressIn, checkPath, pathsOf } from "./paths.ts";
import { promoteVersion } from "./promote.ts";
import { stageVersion } from "./stage.ts";

export const vaultKvCapabilities: StoreCapabilities = {
  labels: false,
  canDestroy: true,
  sealedToReaders: false,
};

export interface VaultKvSetup {
  readonly instance: StoreId;
  /** Ends with the store. */
  readonly client: VaultClient;
  readonly mount: string;
  readonly prefix: string;
  readonly clock: Clock;
  readonly failpoint: Failpoint;
}

/** Documents in a KV engine of version 2. See README.md for layout and limits. */
export const openVaultKvStore = (setup: VaultKvSetup): Store => {
  const { client, prefix, clock, failpoint } = setup;
  const probe = checkPath(prefix, randomUUID());
  let checking: Promise<void> | undefined;
  const enter = async (address: StoreAddress, call: Call): Promise<Room> => ({
    kv: kvOf(setup, call),
    paths: pathsOf(prefix, address),
    clock,
  });
  return {
    kind: "vault-kv",
    instance: setup.instance,
    capabilities: vaultKvCapabilities,
    checkAddress: (address) => checkAddressIn(prefix, address),
    stage: async (address, staged, call) => ({
      outcome: await stageVersion(await enter(address, call), {
        address,
        staged,
        afterEffect: () => failpoint("store.stage.after-effect"),
      }),
    }),
    read: async (address, ref, call) => openValue(await enter(address, call), ref),
    labels: async (address, ref, call) => labels(await enter(address, call), ref),
    promote: async (address, request, call) =>
      promoteVersion(await enter(address, call), {
        address,
        request,
        beforeEffect: () => failpoint("store.promote.before-effect"),
        afterEffect: () => failpoint("store.promote.after-effect"),
      }),
    destroy: async (address, ref, call) =>
      destroyVersion(await enter(address, call), ref, failpoint),
    // Two at once would take each other's path away.
    check: (call) =>
      (checking ??= check(kvOf(setup, call), probe).finally(() => {
        checking = undefined;
      })),
    loginRisk: async (call) =>
      await client.loginRisk(call).catch((error: unknown) => {
        throw faultOfVault(error);
      }),
    close: () => client.close(),
  };
};

const labels = async (
  room: Room,
  { credential }: Pick<VersionRef, "credential">,
): Promise<StoreLabels> => {
  const [{ text }, { book }] = await Promise.all([
    room.kv.read(room.paths.document),
    openBook(room),
  ]);
  const record = recordOf(book, credential);
  const current = currentOf(record, digestsOf(book, text));
  const versions = Object.entries(record.versions)
    .map(([version, { rotationNumber }]) => ({ version: Number(version), rotationNumber }))
    .toSorted((one, other) => one.version - other.version);
  const promoted = Math.max(record.promoted, current ?? 0);
  const pending = versions.findLast(({ version }) => version > promoted)?.version;
  return {
    ...(current === undefined ? {} : { current }),
    ...(pending === undefined ? {} : { pending }),
    versions,
  };
};

/**
 * Writes, reads back and removes below Rekey's own folder: what every effect needs. What a check that was cut off
 * left behind is removed by the next one, as all of a store use the same path.
 */
const check = async (kv: Kv, path: string): Promise<void> => {
  const { version } = await kv.read(path);
  await kv.write(path, '{"check":"1"}', version);
  const { text } = await kv.read(path);
  await kv.forget(path);
  if (text !== '{"check":"1"}') throw storeFault("STORE_REJECTED", "NOT_KV_V2");
};
