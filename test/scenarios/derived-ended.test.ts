import { expect, test } from "vitest";
import { deedsOf } from "./deeds.fixture.ts";
import { openSmallWorld, type SmallWorld, type SmallWorldOptions } from "./small-world.fixture.ts";

/** What the audit says that each step ended of `main#1`, whose role has three sessions. */
const endedBy = async (
  deed: (deeds: ReturnType<typeof deedsOf>) => Promise<void>,
  { open, ...options }: SmallWorldOptions & { readonly open?: (world: SmallWorld) => void } = {},
): Promise<Readonly<Record<string, unknown>>> => {
  const world = await openSmallWorld(options);
  const deeds = deedsOf(world);
  await deeds.begin();
  world.provider.accounts.get("main-v1")!.sessions = 3;
  open?.(world);
  await deed(deeds);
  await world.until(deeds.allClosed);
  const rows = [...(world.ledger.state().tables.audit?.values() ?? [])];
  const details = rows
    .map(({ canonical }) => JSON.parse(canonical) as Told)
    .filter(({ credential, detail }) => credential === "main" && "derivedEnded" in detail)
    .map(({ type, detail }) => [detail["step"] ?? type, detail["derivedEnded"]]);
  return Object.fromEntries(details) as Readonly<Record<string, unknown>>;
};

interface Told {
  readonly type: string;
  readonly credential?: string;
  readonly detail: Readonly<Record<string, unknown>>;
}

test("a containment tells the sessions that the suspension ended and those that the sweep did", async () => {
  const ended = await endedBy(async (deeds) => await deeds.leak("main#1"));
  expect(ended).toMatchObject({ "version.contained": 3, "contain#1": 3, "revoke#1": 0 });
});

test("a retirement tells the sessions that the suspension ended and those that the sweep did", async () => {
  const ended = await endedBy(async (deeds) => await deeds.wish());
  expect(ended).toMatchObject({ "version.suspended": 3, "retire#1": 3, "revoke#1": 0 });
});

test("where nothing is swept, a retirement tells what the suspension ended and the end tells the rest", async () => {
  const capabilities = { canSweep: false } as const;
  const ended = await endedBy(async (deeds) => await deeds.wish(), { capabilities });
  expect(ended).toMatchObject({ "version.suspended": 1, "retire#1": 1, "revoke#1": 2 });
});

test("an end tells the sessions that were opened after the sweep", async () => {
  const open = (world: SmallWorld): void => {
    world.at = (place) => {
      if (place === "revoke.before-effect") world.provider.accounts.get("main-v1")!.sessions = 2;
    };
  };
  const ended = await endedBy(async (deeds) => await deeds.wish(), { open });
  expect(ended).toMatchObject({ "retire#1": 3, "revoke#1": 2 });
});
