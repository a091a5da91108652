import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createGateway, type Gateway } from "@rekey/gateway";
import { createHealth, newId, silentLog, systemClock } from "@rekey/runtime";
import { afterEach, beforeEach, expect, test } from "vitest";
import { deedsOf } from "../scenarios/deeds.fixture.ts";
import {
  openSmallWorld,
  operator,
  type SmallWorld,
  type SmallWorldOptions,
} from "../scenarios/small-world.fixture.ts";
import { openDoors, type Doors } from "./network-office.fixture.ts";
import { fingerprint, takeIn } from "./office.fixture.ts";
import { runAgainst, type Run } from "./run-cli.fixture.ts";

/** The engine in a small world, behind a gateway at a socket and over TLS. */
interface Team {
  readonly world: SmallWorld;
  readonly ada: Run;
  readonly grace: Run;
  /** Whoever holds the machine's own socket. */
  readonly socket: Run;
}

let doors: Doors;
let gateway: Gateway | undefined;
let folder: string;
beforeEach(async () => {
  doors = await openDoors();
  folder = await mkdtemp(join(tmpdir(), "rekey-team-"));
});
afterEach(async () => {
  await gateway?.close();
  await doors.close();
  await rm(folder, { recursive: true, force: true });
});

const openTeam = async (options: SmallWorldOptions = {}): Promise<Team> => {
  const world = await openSmallWorld(options);
  const { ledger, issuers, stores, capabilities } = world.parts;
  gateway = createGateway({
    ledger,
    issuers,
    stores,
    sink: {
      append: async (records) => {
        for (const record of records) await takeIn(ledger, record, capabilities);
      },
      check: async () => {},
      close: async () => {},
    },
    clock: world.clock,
    newId,
    fingerprint,
    controls: [],
    doctor: async () => [],
    health: createHealth({ clock: systemClock, log: silentLog }),
    owner: "ann",
    log: silentLog,
    build: "test",
    onWork: () => {},
  });
  const socketPath = join(folder, "rekey.sock");
  await gateway.listen({ socketPath });
  const urls = [await doors.open(gateway)];
  const iat = Math.floor(world.clock.now() / 1_000);
  const times = { iat, exp: iat + 1_000_000 };
  const groups = ["operators", "approvers"];
  const [ada, grace] = await Promise.all(
    ["ada", "grace"].map(async (name) => await doors.as({ name, groups, urls, times })),
  );
  return { world, ada: ada!, grace: grace!, socket: runAgainst(socketPath) };
};

const ended = async (run: Run, words: string, code = 0): Promise<string> => {
  const { code: was, out, err } = await run(words);
  expect([was, err], words).toEqual([code, code === 0 ? "" : expect.any(String)]);
  return code === 0 ? out : err;
};

const idOf = (name: string): string => `jwt:${doors.issuer.issuer}#${name}`;

test("what one person proposed, another person lets act, and neither they nor the socket alone", async () => {
  const { world, ada, grace, socket } = await openTeam();
  const deeds = deedsOf(world);
  await deeds.begin();
  const setting = { scope: "everything", name: "", mode: "propose" } as const;
  await world.ledger.setMode({ setting, actor: operator, reason: "a test" });
  await ended(ada, "rotate main --reason monthly");
  await world.settle();
  const proposed = async () => (await deeds.cases()).find(({ state }) => state.at !== "closed");
  expect(await proposed()).toMatchObject({ requestedBy: idOf("ada"), state: { for: "approval" } });
  expect(await ended(ada, "case approve manual:main", 1)).toContain(
    "whoever asked for it cannot approve it (SAME_PERSON)\n  next: another person with the role approver can",
  );
  expect(await ended(socket, "case approve manual:main", 1)).toContain(
    "the machine's own socket is never a second approver",
  );
  await world.settle();
  expect((await deeds.view()).versions).toHaveLength(1);
  await ended(grace, "case approve manual:main");
  await world.until(deeds.allClosed);
  expect((await deeds.view()).versions).toHaveLength(2);
  const approved = await ended(grace, "audit tail --case manual:main -n 200");
  expect(approved).toMatch(
    new RegExp(`case\\.approved +case +${idOf("grace")}|approved by ${idOf("grace")}`),
  );
});

const breaker = { killsMax: 0, containmentsMax: 0, windowMs: 3_600_000 };

const openHeld = async () => {
  const team = await openTeam({ policy: { breaker } });
  const { world } = team;
  const deeds = deedsOf(world);
  await deeds.begin();
  await deeds.leak("main#1");
  await world.until(async () => (await deeds.active())?.state.at === "waiting");
  return { ...team, deeds, value: world.shelf.read("main")! };
};

test("whoever holds the socket may be the one with the token: together they are one", async () => {
  const { world, deeds, value, ada, grace, socket } = await openHeld();
  await ended(socket, "case approve main#1");
  await ended(ada, "case approve main#1");
  await world.settle();
  expect(world.provider.letsIn(value)).toBe(true);
  await ended(grace, "case approve main#1");
  await world.until(deeds.allClosed);
  expect(world.provider.letsIn(value)).toBe(false);
});

test("what the breaker holds goes on by two people's word, one person's twice is not enough", async () => {
  const { world, deeds, value, ada, grace, socket } = await openHeld();
  await ended(ada, "case approve main#1");
  await world.settle();
  expect(await ended(ada, "case approve main#1", 1)).toContain("this person has approved it");
  expect(await ended(socket, "case approve main#1", 1)).toContain("never a second approver");
  await world.settle();
  expect(world.provider.letsIn(value)).toBe(true);
  await ended(grace, "case approve main#1");
  await world.until(deeds.allClosed);
  expect(world.provider.letsIn(value)).toBe(false);
});
