import { topicNames } from "@rekey/contracts";
import { expect, test } from "vitest";
import { deedsOf } from "./deeds.fixture.ts";
import { assertPublished } from "./published.fixture.ts";
import { openSmallWorld } from "./small-world.fixture.ts";

test("whatever happens to a credential is published as its schemas say, and a change to it shows", async () => {
  const world = await openSmallWorld();
  const deeds = deedsOf(world);
  await deeds.begin();
  await deeds.leak("main#1");
  await deeds.leak("nobody#1");
  await world.until(deeds.allClosed);
  await deeds.offboard();
  await world.until(deeds.allClosed);
  const types = new Set(
    world.sent.map(({ value }) => JSON.parse(new TextDecoder().decode(value)).type),
  );
  expect(types.size).toBeGreaterThan(25);
  const told = world.sent.find(({ topic }) => topic === topicNames.audit)!;
  const text = new TextDecoder().decode(told.value);
  const changes = [
    { value: text.replace('"build":"test"', '"build":"text"') },
    { value: text.replace('"data":{', '"data":{"extra":1,') },
    { value: text.replace(/"type":"rekey\.audit[^"]+"/, '"type":"rekey.audit.mode.unset.v1"') },
    { value: text, key: "another" },
  ];
  for (const { value, ...change } of changes)
    expect(() =>
      assertPublished({ ...told, ...change, value: new TextEncoder().encode(value) }),
    ).toThrow("broken promise");
});
