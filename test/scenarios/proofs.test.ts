import { openGate, type Store, type StoreId } from "@rekey/domain";
import { expect, test } from "vitest";
import { deedsOf } from "./deeds.fixture.ts";
import {
  openSmallWorld,
  operator,
  type SmallWorld,
  type SmallWorldOptions,
} from "./small-world.fixture.ts";

const opened = async (options: SmallWorldOptions = {}) => {
  const world = await openSmallWorld(options);
  const deeds = deedsOf(world);
  await deeds.begin();
  return { world, deeds };
};

test("where changes take time, death is proven by four tries spread over that time, with controls at each", async () => {
  const { world, deeds } = await opened({ capabilities: { propagationMs: 12_000 } });
  await deeds.leak("main#1");
  await world.until(deeds.allClosed);
  const proof = (await deeds.versions())[0]?.proof;
  expect(proof?.windowMs).toBeGreaterThanOrEqual(12_000);
  const [first = 0, ...later] = proof?.probes.map(({ at }) => at) ?? [];
  expect(Math.max(...later) - first, "each probe's own time").toBeGreaterThanOrEqual(12_000);
  expect(proof?.provenAt).toBeGreaterThanOrEqual(Math.max(...later));
  const roles = proof?.probes.map(({ role }) => role);
  for (const role of ["subject", "positive-control", "negative-control"] as const)
    expect(roles?.filter((one) => one === role)).toHaveLength(4);
});

test("a version that somebody re-enables while it is proven is stopped again, and only then dead", async () => {
  const { world, deeds } = await opened();
  world.at = (place) => {
    if (place !== "prove.before-effect") return;
    world.at = () => undefined;
    world.provider.accounts.get("main-v1")!.state = "valid";
  };
  await deeds.leak("main#1");
  await world.until(deeds.allClosed);
  const rows = [...(world.ledger.state().tables.audit?.values() ?? [])];
  expect(rows.some(({ canonical }) => canonical.includes("stopped again"))).toBe(true);
  expect((await deeds.versions())[0]?.life).toBe("revoked");
});

test("without a control no refusal proves anything: it halts and says what to do", async () => {
  const world = await openSmallWorld();
  const deeds = deedsOf(world);
  await deeds.wish();
  await world.until(deeds.allClosed);
  await deeds.offboard();
  await world.until(async () => (await deeds.active())?.state.at === "halted");
  expect((await deeds.active())?.state).toMatchObject({ halt: { code: "NO_CONTROL" } });
  expect((await deeds.versions())[0]).not.toHaveProperty("proof");
  const { id } = (await deeds.active())!;
  const { effects } = (await world.ledger.rotation(id))!;
  expect(effects.findLast(({ step }) => step.startsWith("prove"))).toMatchObject({
    state: "failed",
    fault: "NO_CONTROL",
  });
  await deeds.wish("control");
  await world.until(deeds.allClosed);
  expect((await deeds.versions())[0]?.life).toBe("revoked");
});

test("a provider that refuses everybody proves no death, and people hear of it at the third attempt", async () => {
  const { world, deeds } = await opened();
  const { issuer } = world.provider;
  const probe = issuer.probe.bind(issuer);
  let refusing = true;
  Object.assign(issuer, {
    probe: async (...asked: Parameters<typeof probe>) => {
      const reply = await probe(...asked);
      return refusing ? { ...reply, answer: "dead", strength: "weak" } : reply;
    },
  });
  refusing = false;
  await deeds.wish();
  world.at = (place) => void (refusing ||= place === "prove.before-effect");
  await world.until(async () => ((await deeds.active())?.failures ?? 0) >= 3);
  expect((await deeds.active())?.lastFault).toBe("PROOF_CONTROL_FAILED");
  expect(world.notices.map(({ to }) => to)).toContain("owner");
  const debt = await world.ledger.debt({ limit: 10 });
  expect(debt[0]).toMatchObject({ lastReason: "PROOF_CONTROL_FAILED" });
  expect(debt[0]?.attempts).toBeGreaterThanOrEqual(3);
  refusing = false;
  world.at = () => undefined;
  await world.until(deeds.allClosed);
});

test("an unanswered watch looks again and tells people; it ends only when it was answered", async () => {
  const { world, deeds } = await opened({ watchDelaysMs: [60_000] });
  await deeds.leak("main#1");
  await world.until(deeds.allClosed);
  world.provider.away = true;
  await world.until(() => world.notices.some(({ text }) => text.includes("cannot be watched")));
  expect(world.shelf.version("main", 1)).toBeDefined();
  await world.ledger.setPause({ pause: { paused: true, all: false }, actor: operator });
  world.provider.away = false;
  await world.clock.advance(900_000);
  await world.settle();
  expect(world.shelf.version("main", 1), "paused").toBeDefined();
  await world.ledger.setPause({ pause: { paused: false, all: false }, actor: operator });
  await world.until(() => world.shelf.version("main", 1) === undefined);
  const rows = [...(world.ledger.state().tables.audit?.values() ?? [])].map(({ type }) => type);
  expect(rows.filter((type) => type === "version.destroyed")).toHaveLength(1);
  expect(rows.filter((type) => type === "watch.ended")).toHaveLength(1);
});

const auditTypes = ({ ledger }: SmallWorld): readonly string[] =>
  [...(ledger.state().tables.audit?.values() ?? [])].map(({ type }) => type);

test("a watch that cannot read its value concludes nothing from a list, and people hear of it", async () => {
  const { world, deeds } = await opened({ watchDelaysMs: [60_000] });
  await deeds.leak("main#1");
  await world.until(deeds.allClosed);
  const stores = world.parts.stores as Map<StoreId, Store>;
  const [[id, store] = []] = [...stores];
  stores.delete(id!);
  await world.until(() => world.notices.some(({ text }) => text.includes("cannot be watched")));
  expect(auditTypes(world), "not configured").not.toContain("watch.ended");
  stores.set(id!, store!);
  world.notices.length = 0;
  const read = store!.read.bind(store);
  let hidden = 1;
  Object.assign(store!, {
    read: async (...asked: Parameters<typeof read>) =>
      asked[1].version === hidden ? undefined : await read(...asked),
  });
  await world.clock.advance(3_600_000);
  await world.settle();
  expect(auditTypes(world), "gone from its store").not.toContain("watch.ended");
  hidden = 0;
  await world.until(() => auditTypes(world).includes("watch.ended"));
});

test("the version that took an identity over is not taken for the dead one by a watch", async () => {
  const { world, deeds } = await opened({
    capabilities: { strategy: "in-place", canSuspend: false, canProbe: false },
    policy: { allowListedProof: true, allowOutage: true },
    watchDelaysMs: [60_000],
  });
  await deeds.leak("main#1");
  await world.until(deeds.allClosed);
  await world.until(() => auditTypes(world).includes("watch.ended"));
  expect(auditTypes(world)).not.toContain("watch.reopened");
});

test("a plan's audit row names the policy and the plan by their digests", async () => {
  const { world } = await opened();
  const planned = [...(world.ledger.state().tables.audit?.values() ?? [])].filter(
    ({ type }) => type === "rotation.planned",
  );
  expect(planned.length).toBeGreaterThan(0);
  for (const { canonical } of planned)
    expect(JSON.parse(canonical)).toMatchObject({
      policyDigest: expect.stringMatching(/^[0-9a-f]{64}$/),
      planDigest: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
});

test("a pause that comes while a worker works stops its next effect", async () => {
  const { world, deeds } = await opened();
  world.at = async (place) => {
    if (place !== "verify.after-effect") return;
    await world.ledger.setPause({ pause: { paused: true, all: false }, actor: operator });
    await world.clock.advance(0);
    await world.parts.clock.sleep(1_500);
  };
  await deeds.wish();
  await world.until(async () => (await deeds.active())?.state.at === "waiting");
  expect((await deeds.active())?.done).toEqual(["stage#2", "mint#2", "verify#2"]);
  expect((await deeds.active())?.state).toMatchObject({ for: "person" });
});

test("a gate that lets one call through opens on its success, and closes again on its failure", async () => {
  const { world, deeds } = await opened();
  const { instance } = world.provider.issuer;
  // Looked at, not asked for: asking takes the one call that a half-open gate lets through.
  const gate = () => world.ledger.state().tables.gates?.get(instance) ?? openGate(instance);
  world.provider.away = true;
  await deeds.wish();
  await world.until(() => gate().state !== "open");
  const closed = gate();
  await world.until(() => gate().failures > closed.failures);
  world.provider.away = false;
  await world.until(deeds.allClosed);
  expect(gate()).toMatchObject({ state: "open", failures: 0 });
});
