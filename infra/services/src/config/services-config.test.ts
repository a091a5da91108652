import { join } from "node:path";
import { expect, test } from "vitest";
import { exampleConfig, servicesConfig } from "./services-config.ts";

const asInExample = {
  folder: ".rekey/services",
  addresses: {
    brokers: ["127.0.0.1:19392"],
    vault: "http://127.0.0.1:19200",
    target: { host: "127.0.0.1", port: 19_433 },
  },
};

test("with the example's own addresses and folder nothing of it changes", async () => {
  expect(await servicesConfig(asInExample)).toEqual(await exampleConfig());
});

test("elsewhere no address and no path of the example is left", async () => {
  const folder = join("/srv", "try");
  const moved = await servicesConfig({
    folder,
    addresses: {
      brokers: ["kafka-1:9092", "kafka-2:9092"],
      vault: "https://vault:8200",
      target: { host: "db", port: 5432 },
    },
  });
  const text = JSON.stringify(moved);
  expect(text).not.toMatch(/127\.0\.0\.1|19\d{3}|\.rekey/);
  expect(moved).toMatchObject({
    ledger: { url: `file:${join(folder, "secrets", "ledger.url")}` },
    kafka: { brokers: ["kafka-1:9092", "kafka-2:9092"] },
    gateway: { socket: join(folder, "gateway-1.sock") },
    issuers: {
      "shop-postgres": {
        options: { endpoints: [{ name: "primary", host: "db", port: 5432 }] },
      },
    },
    stores: { vault: { options: { addresses: ["https://vault:8200"], mount: "secret" } } },
  });
  expect(moved.kafka).not.toHaveProperty("sasl");
  expect(moved.kafka).not.toHaveProperty("topics");
});

test("where Kafka asks who is there, the password is a reference", async () => {
  const addresses = { ...asInExample.addresses, kafkaUser: "rekey" };
  const { kafka } = await servicesConfig({ folder: "/srv/try", addresses });
  expect(kafka["sasl"]).toEqual({
    mechanism: "scram-sha-512",
    username: "rekey",
    password: `file:${join("/srv/try", "secrets", "kafka-rekey.password")}`,
  });
});
