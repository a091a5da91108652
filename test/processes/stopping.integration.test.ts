import { eventually } from "@rekey/testkit";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { errorsIn, type RekeyProcess } from "./rekey-process.fixture.ts";
import { openStage, slowMachine, type Stage } from "./stage.fixture.ts";

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

const expectReplaced = async (id: string): Promise<void> => {
  await eventually(async () => {
    const { versions } = await stage.acts.show(id);
    expect(versions).toMatchObject([{ life: "revoked" }, { life: "valid", label: "current" }]);
  }, deadWithin);
};

test("SIGTERM in the middle of eight leaks ends with 0, and the next start finishes them", async () => {
  const { acts, installation } = stage;
  const leaked = await Promise.all(busy.map(async ({ id }) => await acts.value(id)));
  await Promise.all(leaked.map(async ({ url }) => await acts.leak(url)));
  const stopped = running();
  stopped.signal("SIGTERM");
  // Not 0 when anything took longer than a stop may.
  expect(await stopped.ended).toBe(0);
  await installation.start();
  for (const { id } of busy) await expectReplaced(id);
  expect([...errorsIn(stopped.log()), ...errorsIn(running().log())]).toEqual([]);
});

test("a provider that hangs does not keep the process: 0 in time, contained by the next start", async () => {
  const { acts, installation, network, target } = stage;
  const leaked = await acts.value(slow);
  await hang(slow, leaked.url);
  const stopped = running();
  stopped.signal("SIGTERM");
  // Not 0 when anything took longer than a stop may.
  expect(await stopped.ended).toBe(0);
  expect(await target.login(leaked.url)).toBeUndefined();
  network.set({ kind: "none" });
  await installation.start();
  await expectReplaced(slow);
  expect([...errorsIn(stopped.log()), ...errorsIn(running().log())]).toEqual([]);
});

test("a second SIGTERM ends it at once, and nothing is lost by it", async () => {
  const { acts, installation, network } = stage;
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
  network.set({ kind: "none" });
  await installation.start();
  await expectReplaced(stuck);
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
