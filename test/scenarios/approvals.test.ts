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
  const approve = async (by: string, reason?: string): Promise<void> => {
    const why = reason === undefined ? {} : { reason };
    await deeds.tell({ kind: "case", id: open.id }, { type: "approve", by, ...why });
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

test("why somebody approved, resumed or undid it stands in the audit event", async () => {
  const { world, deeds, approve } = await asked(ada, { consumers: ["billing"] });
  await approve(grace, "seen with the team");
  await world.until(async () => (await deeds.active())?.open?.key === "drain#2");
  const target = { kind: "rotation", id: (await deeds.active())!.id } as const;
  await deeds.tell(target, { type: "resume", by: ada, cutOff: false, reason: "billing was moved" });
  await world.settle();
  await deeds.tell(target, { type: "undo", by: grace, reason: "a report broke" });
  await world.settle();
  const events = await world.ledger.auditEvents({ limit: 500 });
  const reasonsOf = (type: string) =>
    events.flatMap((event) => (event.type === type ? [event.reason] : []));
  expect(reasonsOf("case.approved")).toEqual([`approved by ${grace}: seen with the team`]);
  expect(reasonsOf("rotation.resumed")).toEqual([`resumed by ${ada}: billing was moved`]);
  expect(reasonsOf("rotation.undo-asked")).toEqual([`undo asked by ${grace}: a report broke`]);
});
