import { parseConfig } from "@rekey/runtime";
import { expect, test } from "vitest";
import { rekeyConfig } from "./embedded.ts";
import { serviceConfig } from "./service.ts";

test.each([
  ["rekey up", rekeyConfig],
  ["services", serviceConfig],
] as const)("no producer of %s has a name whose topic is another's", (_name, schema) => {
  const read = (name: string) =>
    parseConfig({ schema, text: `producers: { ${name}: {} }`, environment: {} });
  for (const taken of ["api", "moved"]) expect(() => read(taken)).toThrow("topics of the API");
  expect(read("scanner")).toHaveProperty("producers.scanner.format", "native");
});
