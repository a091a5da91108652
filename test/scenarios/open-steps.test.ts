import { expect, test } from "vitest";
import { deedsOf } from "./deeds.fixture.ts";
import { Died, openSmallWorld, type SmallWorldOptions } from "./small-world.fixture.ts";

const opened = async (options: SmallWorldOptions = {}) => {
  const world = await openSmallWorld(options);
  const deeds = deedsOf(world);
  await deeds.begin();
  const dieAt = (place: string): void => {
    world.at = (name) => {
      if (name !== place) return;
      world.at = () => undefined;
      throw new Died(place);
    };
  };
  return { world, deeds, dieAt };
};

test("a stop that nobody recorded is taken back when its alarm was false", async () => {
  const { world, deeds, dieAt } = await opened({ consumers: ["billing"] });
  const value = world.shelf.read("main")!;
  dieAt("stage.before-effect");
  await deeds.wish();
  await world.settle();
  dieAt("contain.after-effect");
  await deeds.leak("main#1");
  await world.until(() => !world.provider.letsIn(value));
  const incident = (await deeds.cases()).find(({ kind }) => kind === "incident")!;
  await deeds.tell(
    { kind: "case", id: incident.id },
    { type: "dismiss", by: "sso:ada", reason: "a false alarm" },
  );
  await world.until(async () => (await deeds.active())?.open?.key === "drain#2");
  expect(world.provider.letsIn(value)).toBe(true);
});

test("readers that were moved without a record go back before the new version is stopped", async () => {
  const { world, deeds, dieAt } = await opened();
  dieAt("promote.after-effect");
  await deeds.wish();
  await world.settle();
  expect(world.shelf.read("main")?.fields["username"]).toBe("main-v2");
  const readBefore: (string | undefined)[] = [];
  world.at = (name) => {
    if (name === "contain.before-effect")
      readBefore.push(world.shelf.read("main")?.fields["username"]);
  };
  await deeds.leak("main#2");
  await world.until(deeds.allClosed);
  expect(readBefore).toEqual(["main-v1"]);
  expect(world.provider.letsIn(world.shelf.read("main")!)).toBe(true);
});

test("a debt that another case wrote while the worker was at it is paid by the same proof", async () => {
  const { world, deeds } = await opened();
  world.at = async (name) => {
    if (name !== "verify.before-effect") return;
    world.at = () => undefined;
    await deeds.wish();
    for (const hint of await world.due()) if (hint.kind === "case") await world.work(hint);
  };
  await deeds.leak("main#1");
  await world.until(deeds.allClosed);
  expect(await world.ledger.debt({ limit: 10 })).toEqual([]);
});
