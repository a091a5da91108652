import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { storeId, type Clock, type Failpoint, type Store } from "@rekey/domain";
import { Secret } from "@rekey/secret";
import { openVaultClient, segmentsOf, vaultPath, type VaultClient } from "@rekey/vault-client";
import {
  createFakeKv,
  createFakeRoleLogin,
  createFakeTunes,
  startVaultFake,
  type FakeRole,
  type VaultFake,
} from "@rekey/vault-client/fake";
import { storeCatalog } from "../catalog.ts";
import { callOf, realClock } from "../real-clock.fake.ts";
import type { StoreEffect, StoreFixture } from "../suite/bench.fixture.ts";
import { kvOf } from "./kv.ts";
import type { VaultKvOptions } from "./settings.ts";

export const call = callOf("fixture", 20_000);

/** Where a test's store lives, and who may do what there. */
export interface VaultPlace {
  readonly addresses: readonly string[];
  readonly mount: string;
  readonly rootToken: string;
  readonly auth: VaultKvOptions["auth"];
  /** What the references in `auth` lead to. */
  readonly secrets: Readonly<Record<string, string>>;
}

export interface VaultKvFixture extends StoreFixture {
  readonly place: VaultPlace;
  /** With the root token: past every policy. */
  readonly root: VaultClient;
  /** Another opening, with a failpoint of its own. */
  openStore(failpoint?: Failpoint, clock?: Clock): Store;
}

const failpointOf: Record<StoreEffect["name"], string> = {
  stage: "store.stage.after-effect",
  promote: "store.promote.after-effect",
  destroy: "store.destroy.after-effect",
};

export const openVaultKvFixture = async (
  place: VaultPlace,
  end: () => Promise<void>,
): Promise<VaultKvFixture> => {
  const { addresses, mount, rootToken } = place;
  const root = openVaultClient({
    connection: { addresses: [...addresses], auth: { token: "root" } },
    clock: realClock,
    resolveSecret: async () => Secret.fromUtf8(rootToken),
  });
  const opened: Store[] = [];
  const openStore = (failpoint?: Failpoint, clock: Clock = realClock): Store => {
    const store = storeOf(place, clock, failpoint);
    opened.push(store);
    return store;
  };
  let between: (() => Promise<void>) | undefined;
  const store = openStore(async (name) => {
    if (name !== "store.promote.before-effect") return;
    const work = between;
    between = undefined;
    await work?.();
  });
  return {
    place,
    root,
    openStore,
    store,
    other: openStore(),
    readers: [],
    plainRead: async (document) => {
      const { isPresent, text } = await kvOf({ client: root, mount, clock: realClock }, call).read(
        document,
      );
      return isPresent ? text : undefined;
    },
    foreignWrite: async (document, text) => {
      const path = vaultPath`${segmentsOf(mount)}/data/${segmentsOf(document)}`;
      await root.write(path, `{"data":${text}}`, call);
    },
    crashAfterEffect: (address, effect) => crash(openStore, { address, effect }),
    beforeNextReplace: (work) => {
      between = work;
    },
    close: async () => {
      await Promise.all([...opened, root].map((one) => one.close()));
      await end();
    },
  };
};

const storeOf = (place: VaultPlace, clock: Clock, failpoint?: Failpoint): Store =>
  storeCatalog["vault-kv"].openWith({
    instance: storeId("documents"),
    options: { addresses: place.addresses, mount: place.mount, auth: place.auth },
    clock,
    resolveSecret: async (reference) => Secret.fromUtf8(place.secrets[reference] ?? ""),
    ...(failpoint === undefined ? {} : { failpoint }),
  });

class Crash extends Error {}

/** The server has done it and nobody hears of it; what the store would have done next is not done. */
const crash = async (
  openStore: VaultKvFixture["openStore"],
  {
    address,
    effect,
  }: { readonly address: Parameters<Store["stage"]>[0]; readonly effect: StoreEffect },
): Promise<void> => {
  const store = openStore(async (name) => {
    if (name === failpointOf[effect.name]) throw new Crash(name);
  });
  const outcome = await perform(store, address, effect).catch((error: unknown) => error);
  if (!(outcome instanceof Crash)) throw new Error("it did not crash", { cause: outcome });
};

const perform = async (
  store: Store,
  address: Parameters<Store["stage"]>[0],
  effect: StoreEffect,
): Promise<unknown> => {
  if (effect.name === "stage") return store.stage(address, effect.staged, call);
  if (effect.name === "promote") return store.promote(address, effect.request, call);
  return store.destroy(address, effect.ref, call);
};

const page = join(import.meta.dirname, "../../../../docs/providers/vault-kv.md");

/** The policy that the provider's page tells people to write, for another mount and Rekey's own login at `approle`. */
export const documentedPolicy = async (mount: string): Promise<string> => {
  const text = await readFile(page, "utf8");
  const [, policy] = /```hcl\n([\s\S]*?)```/.exec(text) ?? [];
  if (policy === undefined) throw new Error("the page has no policy");
  return policy
    .replaceAll('path "secret/', `path "${mount}/`)
    .replaceAll("auth/rekey/", "auth/approle/");
};

export interface FakeFixture extends VaultKvFixture {
  readonly fake: VaultFake;
  readonly role: FakeRole;
}

const tokenMs = 600_000;

/** A fake Vault with the documented policy, entered by AppRole. */
export const openFakeFixture = async (): Promise<FakeFixture> => {
  const fake = await startVaultFake({ clock: realClock });
  const mount = "secret";
  fake.core.mount(mount, createFakeKv());
  fake.core.writePolicy("rekey", await documentedPolicy(mount));
  const role: FakeRole = {
    roleId: "role-of-rekey",
    secretIds: new Set(["a secret id"]),
    policies: ["rekey"],
    ttlMs: tokenMs,
    logins: 0,
  };
  const { tokens } = fake.core;
  const tune = { lockoutDisabled: false };
  fake.core.mount("auth/approle", createFakeRoleLogin({ tokens, role, clock: realClock, tune }));
  fake.core.mount("sys/mounts/auth", createFakeTunes({ approle: { tune } }));
  const place: VaultPlace = {
    addresses: [fake.address],
    mount,
    rootToken: fake.rootToken,
    auth: { approle: { mount: "approle", roleId: role.roleId, secretId: "secret-id" } },
    secrets: { "secret-id": "a secret id" },
  };
  return Object.assign(await openVaultKvFixture(place, fake.close), { fake, role });
};
