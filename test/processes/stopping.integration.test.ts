import { eventually } from "@rekey/testkit";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import type { HeldValue } from "./connect.ts";
import { errorsIn, type RekeyProcess } from "./rekey-process.fixture.ts";
import { openStage, slowMachine, type Stage } from "./stage.fixture.ts";
import { stopsInTime } from "./stop.fixture.ts";

vi.setConfig(slowMachine);

const busy = Array.from({ length: 8 }, (_, index) => ({
  id: `busy-${index}`,
  group: `busy_${index}`,
}));
const [slow, stuck] = ["slow-db", "stuck-db"];
const credentials = [...busy, { id: slow, group: "slow_app" }, { id: stuck, group: "stuck_app" }];
const deadWithin = { withinMs: 120_000, everyMs: 100 };

let stage: Stage;
const running = (): RekeyProcess => {
  const last = stage.installation.processes.at(-1);
  if (last === undefined) throw new Error("nothing was started");
  return last;
};

beforeAll(async () => {
  stage = await openStage({ credentials, minted: true });
});

afterAll(async () => await stage.close());

/** The version is dead, and the next one is in its place. */
const expectReplaced = async (id: string, { version }: HeldValue): Promise<void> => {
  await eventually(async () => {
    const { versions } = await stage.acts.show(id);
    const [next, leaked] = versions.toSorted((one, other) => other.number - one.number);
    expect(leaked).toMatchObject({ number: version, life: "revoked" });
    expect(next).toMatchObject({ number: version + 1, life: "valid", label: "current" });
  }, deadWithin);
};

/** The leaks are handled by the next process. */
const expectFinished = async (leaks: ReadonlyMap<string, HeldValue>): Promise<void> => {
  stage.network.set({ kind: "none" });
  await stage.installation.start();
  for (const [id, leaked] of leaks) await expectReplaced(id, leaked);
};

test("SIGTERM in the middle of eight leaks ends with 0, and the next start finishes them", async () => {
  const { acts } = stage;
  const leaked = new Map<string, HeldValue>();
  await stopsInTime(async (isAgain) => {
    if (isAgain) await expectFinished(leaked);
    for (const { id } of busy) leaked.set(id, await acts.value(id));
    await Promise.all([...leaked.values()].map(async ({ url }) => await acts.leak(url)));
    return running();
  });
  await expectFinished(leaked);
  expect(errorsIn(running().log())).toEqual([]);
});

test("a provider that hangs does not keep the process: 0 in time, contained by the next start", async () => {
  const { acts, target } = stage;
  const leaked = new Map<string, HeldValue>();
  await stopsInTime(async (isAgain) => {
    if (isAgain) await expectFinished(leaked);
    leaked.set(slow, await acts.value(slow));
    await hang(slow, leaked.get(slow)?.url ?? "");
    return running();
  });
  expect(await target.login(leaked.get(slow)?.url ?? "")).toBeUndefined();
  await expectFinished(leaked);
  expect(errorsIn(running().log())).toEqual([]);
});

test("a second SIGTERM ends it at once, and nothing is lost by it", async () => {
  const { acts } = stage;
  const leaked = await acts.value(stuck);
  await hang(stuck, leaked.url);
  const stopped = running();
  stopped.signal("SIGTERM");
  // More than once: two that the process has not yet taken are one to it.
  await eventually(
    () => {
      stopped.signal("SIGTERM");
      return !stopped.isRunning();
    },
    { ...deadWithin, everyMs: 10 },
  );
  expect(await stopped.ended).toBe(143);
  expect(stopped.log().map(({ message }) => message)).not.toContain("stopped");
  await expectFinished(new Map([[stuck, leaked]]));
});

/** Reports a leak while the provider takes every byte and answers none; resolves when the rotation runs. */
const hang = async (id: string, url: string): Promise<void> => {
  stage.network.set({ kind: "black-hole" });
  await stage.acts.leak(url);
  await eventually(async () => {
    const { active } = await stage.acts.show(id);
    return active?.open?.key.startsWith("contain#") === true;
  }, deadWithin);
};
