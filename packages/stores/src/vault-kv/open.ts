import { openVaultClient } from "@rekey/vault-client";
import type { Store } from "@rekey/domain";
import type { StoreSetup } from "../store-entry.ts";
import type { VaultKvOptions } from "./settings.ts";
import { openVaultKvStore } from "./store.ts";

/** The store over a client of its own; nothing is sent before the first call. */
export const openVaultKv = (setup: StoreSetup<VaultKvOptions>): Store => {
  const { instance, options, clock, resolveSecret, failpoint, ownLogins } = setup;
  const { mount, prefix, ...connection } = options;
  return openVaultKvStore({
    instance,
    client: openVaultClient({
      connection,
      clock,
      resolveSecret,
      ...(ownLogins && { ownLogins }),
    }),
    mount,
    prefix,
    clock,
    failpoint: failpoint ?? (async () => {}),
  });
};
