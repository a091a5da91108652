import { expect, test } from "vitest";
import { deedsOf } from "./deeds.fixture.ts";
import { openSmallWorld, operator } from "./small-world.fixture.ts";

test("a mode that is set while a slow worker decides by the former one is acted on without waiting", async () => {
  let isArmed = false;
  const world = await openSmallWorld({
    between: (ledger) => ({
      ...ledger,
      claimRotation: async (request) => {
        if (!isArmed) return await ledger.claimRotation(request);
        isArmed = false;
        await setMode("propose");
        const claim = await ledger.claimRotation(request);
        await setMode("act");
        // So long that the turn asks for what came in since its claim.
        await world.clock.sleep(5_000);
        return claim;
      },
    }),
  });
  const setMode = async (mode: "act" | "propose"): Promise<void> => {
    const setting = { scope: "everything", name: "", mode } as const;
    await world.ledger.setMode({ setting, actor: operator, reason: "a test" });
  };
  const deeds = deedsOf(world);
  await deeds.begin();
  isArmed = true;
  await deeds.wish();
  await world.until(deeds.allClosed, 600_000);
  expect(isArmed).toBe(false);
  expect((await deeds.versions()).map(({ number }) => number)).toEqual([1, 2]);
});
