import { readdir } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { storeCatalog } from "./catalog.ts";

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
});
