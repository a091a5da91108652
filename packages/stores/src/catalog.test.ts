import { readdir } from "node:fs/promises";
import { storeId } from "@rekey/domain";
import { Secret } from "@rekey/secret";
import { describe, expect, it } from "vitest";
import { storeCatalog, type StoreKind } from "./catalog.ts";
import { realClock } from "./real-clock.fake.ts";

/** Folders that hold no store. */
const apart = ["suite"];

describe("the catalog of stores", () => {
  it("names every store's folder and nothing else", async () => {
    const entries = await readdir(import.meta.dirname, { withFileTypes: true });
    const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
    expect(Object.keys(storeCatalog)).toEqual(folders.filter((name) => !apart.includes(name)));
  });

  it("refuses options that nobody knows, and an instance without a key", () => {
    const { optionsSchema } = storeCatalog["sealed-file"];
    const good = { root: "/documents", identities: ["file:/etc/rekey/store.age"] };
    expect(optionsSchema.parse(good)).toEqual({ ...good, readers: [], documentMode: "0600" });
    expect(optionsSchema.safeParse({ ...good, rot: "/typo" }).success).toBe(false);
    expect(optionsSchema.safeParse({ ...good, identities: [] }).success).toBe(false);
  });

  it("a Vault is asked only over TLS, or on this machine", () => {
    const { optionsSchema } = storeCatalog["vault-kv"];
    const auth = { token: "file:/etc/rekey/vault.token" };
    const isRight = (address: string): boolean =>
      optionsSchema.safeParse({ addresses: [address], auth }).success;
    expect(optionsSchema.parse({ addresses: ["https://vault.internal:8200"], auth })).toMatchObject(
      {
        mount: "secret",
        prefix: "rekey",
      },
    );
    expect(["http://127.0.0.1:8200", "https://vault:8200"].map(isRight)).toEqual([true, true]);
    const wrong = ["http://vault:8200", "https://u:p@vault:8200", "https://vault:8200/v1", "vault"];
    expect(wrong.map(isRight)).toEqual([false, false, false, false]);
  });

  it("an entry opens with options as they were written, and refuses what its schema refuses", () => {
    const setup = {
      instance: storeId("documents"),
      clock: realClock,
      resolveSecret: async () => Secret.fromUtf8("never asked"),
    };
    for (const [kind, entry] of Object.entries(storeCatalog)) {
      const options = good[kind as StoreKind];
      expect(entry.openWith({ ...setup, options }).kind).toBe(kind);
      expect(() => entry.openWith({ ...setup, options: { ...options, typo: 1 } })).toThrow();
    }
  });
});

const good: Readonly<Record<StoreKind, object>> = {
  "sealed-file": { root: "/documents", identities: ["file:/etc/rekey/store.age"] },
  "vault-kv": { addresses: ["https://vault:8200"], auth: { token: "file:/etc/rekey/vault.token" } },
};
