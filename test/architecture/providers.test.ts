import { issuerCatalog } from "@rekey/issuers";
import { producerCatalog } from "@rekey/producers";
import { storeCatalog } from "@rekey/stores";
import { expect, test } from "vitest";
import { catalogFindings, folderFindings, providerRooms } from "./providers.ts";
import { planted, projectTree, treeOf } from "./tree.ts";

const tree = projectTree();
const catalogs = { issuers: issuerCatalog, stores: storeCatalog, producers: producerCatalog };

test.each(providerRooms)("the catalog of $room and its folders agree", ({ room }) => {
  expect(catalogFindings(tree, room, Object.keys(catalogs[room]))).toEqual([]);
});

test("a folder without a catalog line, and a line without a folder, are caught", () => {
  const files = treeOf({ "packages/stores/src/vault-kv/store.ts": "" });
  expect(catalogFindings(files, "stores", ["sealed-file"])).toHaveLength(2);
});

test.each(providerRooms)("every folder of $room holds what the change table asks", (provider) => {
  expect(folderFindings(tree, provider)).toEqual([]);
});

const stores = { room: "stores", entry: "store", readme: [/option/i, /cannot/i] } as const;
const good = {
  "packages/stores/src/vault-kv/store.ts": "",
  "packages/stores/src/vault-kv/store.test.ts": "",
  "packages/stores/src/vault-kv/client.ts": "",
  "packages/stores/src/vault-kv/client.fake.ts": "",
  "packages/stores/src/vault-kv/README.md": "## Options\n\n## What it cannot do\n",
  "packages/stores/src/catalog.ts": 'import { open } from "./vault-kv/store.ts";',
};

test("a complete folder passes", () => {
  expect(folderFindings(treeOf(good), stores)).toEqual([]);
});

test.each(["store.ts", "store.test.ts", "client.fake.ts", "README.md"])(
  "a folder without %s is caught",
  (file) => {
    const without = planted(treeOf(good), { [`packages/stores/src/vault-kv/${file}`]: undefined });
    expect(folderFindings(without, stores)).toEqual([
      `packages/stores/src/vault-kv/ has no ${file}`,
    ]);
  },
);

test("a README that leaves out what the provider cannot do is caught", () => {
  const readme = { "packages/stores/src/vault-kv/README.md": "## Options\n" };
  expect(folderFindings(planted(treeOf(good), readme), stores)).toHaveLength(1);
});

test("a neighbour that reaches into the folder is caught", () => {
  const path = "packages/stores/src/other/lock.ts";
  const reaching = { [path]: 'import { open } from "../vault-kv/store.ts";' };
  expect(folderFindings(planted(treeOf(good), reaching), stores)).toContain(
    `${path} reaches into vault-kv`,
  );
});
