import { readFile } from "node:fs/promises";
import { parseConfig } from "@rekey/runtime";
import { expect, test } from "vitest";
import { serviceConfig } from "./service.ts";

const page = await readFile(new URL("../../../../docs/production.md", import.meta.url), "utf8");
const blocks = [...page.matchAll(/^```yaml\n([\s\S]*?)^```$/gm)].map(([, text = ""]) => text);

test("the page for production has a way to log in to Kafka of each kind, and a gateway", () => {
  expect(blocks.filter((text) => text.startsWith("kafka:"))).toHaveLength(3);
  expect(blocks.filter((text) => text.startsWith("gateway:"))).toHaveLength(1);
});

test.each(blocks)("a block of the page for production is accepted: %#", (text) => {
  expect(parseConfig({ schema: serviceConfig, text, environment: {} })).toBeDefined();
  const misspelt = text.replace(/^( {2}\w+):/m, "$1x:");
  expect(() => parseConfig({ schema: serviceConfig, text: misspelt, environment: {} })).toThrow();
});
