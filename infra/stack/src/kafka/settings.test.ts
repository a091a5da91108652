import fc from "fast-check";
import { expect, test } from "vitest";
import { propertiesText, serverSettings } from "./settings.ts";

const listener = { name: "CLIENT", protocol: "SASL_PLAINTEXT", port: 19_392 } as const;
const placed = {
  folder: "/srv/kafka",
  listeners: [listener],
  controllerPort: 19_393,
  controller: { protocol: "PLAINTEXT" },
  more: {},
} as const;

test("every listener is on 127.0.0.1 only", () => {
  const settings = serverSettings(placed);
  expect(settings["listeners"]).toBe("CLIENT://127.0.0.1:19392,CONTROLLER://127.0.0.1:19393");
  expect(settings["advertised.listeners"]).toBe("CLIENT://127.0.0.1:19392");
});

test("a listener's settings are its own", () => {
  const settings = { "ssl.client.auth": "required" };
  const all = serverSettings({ ...placed, listeners: [{ ...listener, settings }] });
  expect(all["listener.name.client.ssl.client.auth"]).toBe("required");
});

test("what is asked for wins over the settings of a single node", () => {
  const all = serverSettings({ ...placed, more: { "min.insync.replicas": "2" } });
  expect(all["min.insync.replicas"]).toBe("2");
});

test("a node of three votes with the others, and two of three copies are enough", () => {
  const node = { id: 2, clusterId: "any", controllerPorts: { 1: 21, 2: 22, 3: 23 } };
  expect(serverSettings({ ...placed, node })).toMatchObject({
    "node.id": "2",
    "controller.quorum.voters": "1@127.0.0.1:21,2@127.0.0.1:22,3@127.0.0.1:23",
    "offsets.topic.replication.factor": "3",
    "min.insync.replicas": "2",
  });
});

/** As java.util.Properties.load() describes it, for text without \\u escapes. */
const readBack = (text: string): Record<string, string> =>
  Object.fromEntries(
    text
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => {
        const [, key = "", value = ""] = /^((?:\\.|[^\\=:\s])*)=(.*)$/s.exec(line) ?? [];
        return [unescaped(key), unescaped(value)];
      }),
  );

const unescaped = (text: string): string =>
  text.replaceAll(/\\(.)/gs, (_, one: string) => ({ n: "\n", r: "\r", t: "\t" })[one] ?? one);

test("Java reads back what was written, whatever is in a value", () => {
  const key = fc.stringMatching(/^[a-z][a-z0-9.: =-]{0,20}$/);
  const value = fc.string({ unit: "binary-ascii" }).filter((text) => !/^\s/.test(text));
  fc.assert(
    fc.property(fc.dictionary(key, value), (settings) => {
      expect(readBack(propertiesText(settings))).toEqual({ ...settings });
    }),
  );
});
