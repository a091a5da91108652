import type { ProbeReply } from "@rekey/domain";
import { expect, test } from "vitest";
import { deedsOf } from "./deeds.fixture.ts";
import { openSmallWorld, type SmallWorld, type SmallWorldOptions } from "./small-world.fixture.ts";

const opened = async (options: SmallWorldOptions = {}) => {
  const world = await openSmallWorld(options);
  const deeds = deedsOf(world);
  await deeds.begin();
  return { world, deeds };
};

const hour = 3_600_000;
const auditTypes = ({ ledger }: SmallWorld): readonly string[] =>
  [...(ledger.state().tables.audit?.values() ?? [])].map(({ type }) => type);

const trustFrom = (world: SmallWorld, trusting: "names" | "all"): void => {
  world.at = (place) => {
    if (place === "prove.before-effect") world.provider.trusting = trusting;
  };
};

test.each(["names", "all"] as const)(
  "a provider that lets in %s without looking at the value proves no death until it asks again",
  async (trusting) => {
    const { world, deeds } = await opened();
    trustFrom(world, trusting);
    await deeds.leak("main#1");
    await world.until(async () => ((await deeds.active())?.failures ?? 0) >= 3);
    expect((await deeds.active())?.lastFault).toBe("PROOF_CONTROL_FAILED");
    expect(world.notices.map(({ text }) => text).join()).toContain("not with a wrong value");
    expect((await deeds.versions())[0]).not.toHaveProperty("proof");
    world.at = () => undefined;
    world.provider.trusting = "nobody";
    await world.until(deeds.allClosed);
    expect((await deeds.versions())[0]?.life).toBe("revoked");
  },
);

test("a watch of a provider that stopped asking for values neither ends nor says that it is still dead", async () => {
  const { world, deeds } = await opened({ watchDelaysMs: [60_000] });
  await deeds.leak("main#1");
  await world.until(deeds.allClosed);
  world.provider.trusting = "names";
  await world.until(() =>
    world.notices.some(({ text }) => text.includes("not with a wrong value")),
  );
  expect(auditTypes(world)).not.toContain("watch.ended");
  world.provider.trusting = "nobody";
  await world.until(() => auditTypes(world).includes("watch.ended"), 3 * hour);
  expect(auditTypes(world)).not.toContain("watch.reopened");
});

test("both controls of a proof are of the version that is let in", async () => {
  const { world, deeds } = await opened();
  await deeds.leak("main#1");
  await world.until(deeds.allClosed);
  const probes = (await deeds.versions())[0]?.proof?.probes ?? [];
  const of = (role: string) =>
    probes.filter((one) => one.role === role).map((one) => one.of.version);
  expect(of("subject")).toEqual([1, 1]);
  expect(of("negative-control")).toEqual([2, 2]);
  expect(of("positive-control")).toEqual([2, 2]);
});

const weak = { capabilities: { probeAnswer: "weak" as const } };

/** When main#1 counted as contained, as its proof began. */
const containedBeforeProof = async (
  { world, deeds }: Awaited<ReturnType<typeof opened>>,
  begun: () => void,
): Promise<boolean | undefined> => {
  let seen: boolean | undefined;
  world.at = async (place) => {
    if (place === "contain.before-effect") begun();
    if (place !== "prove.before-effect") return;
    seen ??= (await deeds.versions())[0]?.containedAt !== undefined;
    world.provider.trusting = "nobody";
  };
  await deeds.leak("main#1");
  await world.until(deeds.allClosed);
  expect((await deeds.versions())[0]?.containedAt).toBeDefined();
  return seen;
};

test("where a refusal names nothing, a leak counts as contained beside a login that is let in and a bogus one that is not", async () => {
  const small = await opened(weak);
  expect(await containedBeforeProof(small, () => undefined)).toBe(true);
});

test("where everybody is let in by name, a weak refusal contains nothing, and the successor comes all the same", async () => {
  const small = await opened(weak);
  const begun = (): void => void (small.world.provider.trusting = "names");
  expect(await containedBeforeProof(small, begun)).toBe(false);
});

test("without a control a weak refusal contains nothing, and the successor comes all the same", async () => {
  const world = await openSmallWorld(weak);
  const deeds = deedsOf(world);
  await deeds.wish();
  await world.until(deeds.allClosed);
  expect(await containedBeforeProof({ world, deeds }, () => undefined)).toBe(false);
});

/** Refused logins in a row by name, as a provider that locks names counts them: the longest series of each. */
const countSeries = ({ provider }: SmallWorld): ReadonlyMap<string, number> => {
  const { issuer } = provider;
  const now = new Map<string, number>();
  const longest = new Map<string, number>();
  const probe = issuer.probe.bind(issuer);
  Object.assign(issuer, {
    probe: async (...asked: Parameters<typeof probe>): Promise<ProbeReply> => {
      const reply = await probe(...asked);
      const name = asked[0].fields["username"] ?? "";
      now.set(name, reply.answer === "dead" ? (now.get(name) ?? 0) + 1 : 0);
      longest.set(name, Math.max(longest.get(name) ?? 0, now.get(name) ?? 0));
      return reply;
    },
  });
  return longest;
};

test.each([
  { strategy: "dual", control: "main-v2", inARow: 1 },
  { strategy: "in-place", control: "main-only", inARow: 3 },
] as const)(
  "where refused logins lock a name, proof and watch refuse the successor of a $strategy credential $inARow in a row at most, at however many endpoints",
  async ({ strategy, control, inARow }) => {
    const { world, deeds } = await opened({
      capabilities: {
        strategy,
        canSuspend: strategy === "dual",
        probeCountsAsFailedLogin: true,
        propagationMs: 4_000,
      },
      policy: { allowOutage: true },
      vantages: ["one", "two", "three", "four", "five"],
      watchDelaysMs: [60_000],
    });
    const series = countSeries(world);
    await deeds.leak("main#1");
    await world.until(deeds.allClosed);
    await world.until(() => auditTypes(world).includes("watch.ended"));
    expect(series.get(control)).toBe(inARow);
  },
);
