import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { roomFile } from "./install/locate.ts";
import { composeVersion, oldestFitting, versions } from "./versions.ts";

test("Kafka's version is the one that Maven fetches", async () => {
  const pom = await readFile(roomFile("kafka/pom.xml"), "utf8");
  const found = pom.match(/<artifactId>kafka_2\.13<\/artifactId>\s*<version>([^<]+)</);
  expect(found?.[1]).toBe(versions.kafka);
});

test("Vault's version is the one of its Go module", async () => {
  const modules = await readFile(roomFile("vault/go.mod"), "utf8");
  expect(modules).toContain(`require github.com/hashicorp/vault v${versions.vault}\n`);
});

test("the container's Redis would be good enough natively", () => {
  const [major = 0] = composeVersion.redis.split(".").map(Number);
  expect(major).toBeGreaterThanOrEqual(oldestFitting.redis[0]);
});
