import { expect, test } from "vitest";
import { deedsOf } from "./deeds.fixture.ts";
import { openSmallWorld, operator, type SmallWorldOptions } from "./small-world.fixture.ts";

const [ada, grace] = ["jwt:https://login.example.org#ada", "jwt:https://login.example.org#grace"];

/** A wish for `main` that somebody made through the API, in a scope that proposes. */
const asked = async (requester: string, options: SmallWorldOptions = {}) => {
  const world = await openSmallWorld(options);
  const deeds = deedsOf(world);
  await deeds.begin();
  const setting = { scope: "everything", name: "", mode: "propose" } as const;
  await world.ledger.setMode({ setting, actor: operator, reason: "a test" });
  await world.report({
    kind: "manual",
    effect: "rotate",
    locators: [{ scheme: "rekey", value: "main" }],
    source: { system: "rekey", feed: requester, rawDigest: "" },
  });
  await world.settle();
  const open = (await deeds.cases()).find(({ state }) => state.at !== "closed")!;
  expect(open.requestedBy).toBe(requester);
  const approve = async (by: string): Promise<void> => {
    await deeds.tell({ kind: "case", id: open.id }, { type: "approve", by });
    await world.settle();
  };
  const versions = async () => (await deeds.versions()).length;
  return { world, deeds, approve, versions };
};

test.each(["local:ann", "mtls:spiffe://example.org/ci"])(
  "what %s asked for begins by two people's word: one of them may be who asked",
  async (requester) => {
    const { world, deeds, approve, versions } = await asked(requester);
    await approve(ada);
    const waiting = (await deeds.cases()).find(({ state }) => state.at !== "closed");
    expect(waiting).toMatchObject({ approvedBy: [ada], state: { for: "approval" } });
    expect(await versions()).toBe(1);
    await approve(grace);
    await world.until(deeds.allClosed);
    expect(await versions()).toBe(2);
  },
);

test("what was asked for by a token begins by the word of another token of the same issuer", async () => {
  const { world, deeds, approve, versions } = await asked(ada);
  await approve(grace);
  await world.until(deeds.allClosed);
  expect(await versions()).toBe(2);
});
