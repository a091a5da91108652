import { rekeyConfig } from "@rekey/app";
import { parseInventory } from "@rekey/contracts";
import { issuerCatalog } from "@rekey/issuers";
import { parseConfig } from "@rekey/runtime";
import { storeCatalog } from "@rekey/stores";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { projectTree } from "./tree.ts";

const page = projectTree().read("docs/configuration.md");

/** The example under a heading of the guide. */
const exampleOf = (heading: string): string =>
  page.split(`\n## ${heading}\n`)[1]?.match(/```yaml\n([\s\S]*?)```/)?.[1] ?? "";

const readConfig = (text: string) => parseConfig({ schema: rekeyConfig, text, environment: {} });
const problemsOf = (text: string) => parseInventory(parse(text)).problems;

const configText = exampleOf("rekey.yaml");
const inventoryText = exampleOf("inventory.yaml");

test("the guide's rekey.yaml is accepted, options of issuers and stores included", () => {
  const { issuers, stores } = readConfig(configText);
  const issuer = issuers["shop-postgres"];
  const store = stores["documents"];
  expect(issuerCatalog["postgres-role"].optionsSchema.safeParse(issuer?.options).error).toBe(
    undefined,
  );
  expect(storeCatalog["sealed-file"].optionsSchema.safeParse(store?.options).error).toBe(undefined);
});

test("a setting that is not there would be caught in the guide's rekey.yaml", () => {
  expect(() => readConfig(configText.replace("dataDir:", "dataFolder:"))).toThrow("dataFolder");
});

test("the guide's inventory.yaml is accepted and names only instances of its rekey.yaml", () => {
  expect(problemsOf(inventoryText)).toBe(undefined);
  const config = readConfig(configText);
  const { credentials = [] } = parseInventory(parse(inventoryText)).value ?? {};
  expect(
    credentials.map(({ issuer }) => Object.keys(config.issuers).includes(issuer.instance)),
  ).toEqual([true]);
  expect(
    credentials.map(({ store }) => Object.keys(config.stores).includes(store?.store ?? "")),
  ).toEqual([true]);
});

test("a name that leads nowhere would be caught in the guide's inventory.yaml", () => {
  expect(problemsOf(inventoryText.replace("policy: monthly", "policy: weekly"))).toHaveLength(1);
});
