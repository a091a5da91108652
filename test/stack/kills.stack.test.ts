import { describeStack } from "@rekey/stack/vitest";
import type { ServiceKind } from "@rekey/service-set";
import { eventually } from "@rekey/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { armFailpoint, hasSprung } from "../processes/failpoint.fixture.ts";
import { expectAnnouncementsRise, expectAuditComplete } from "./kafka-audit.fixture.ts";
import { paymentsDb, paymentsVault, type StackCredential } from "./inventory.fixture.ts";
import { openWorldWithPayments, type Payments } from "./payments.fixture.ts";
import { expectDead, expectNoPaymentFailed, onlyVersion, versionsAt } from "./stories.fixture.ts";
import type { World } from "./world.fixture.ts";

const startMs = 400_000;
const sprung = { withinMs: 120_000, everyMs: 20 };
/** A killed holder's hold ends after 15 s, and the next step may be killed too. */
const recoveredMs = 180_000;
const rotated = [paymentsDb, paymentsVault];

interface Kill {
  readonly kind: ServiceKind;
  readonly point: string;
}

/** Vault has shown the value once, and nobody has it; a password was kept before the role was made. */
const lostMint = "mint.after-effect";

/** Lines where an effect took place and nothing has recorded it, in whichever process comes there first. */
const lines: readonly Kill[] = [
  { kind: "intake", point: "intake.after-admit" },
  { kind: "rotator", point: lostMint },
  { kind: "rotator", point: "store.promote.after-effect" },
  { kind: "relay", point: "relay.after-send" },
  { kind: "rotator", point: "revoke.after-effect" },
];

describeStack(
  ["kafka", "redis", "vault"],
  "kill -9 inside rotations, of each kind and of all",
  () => {
    let world: World;
    let payments: Payments;
    beforeAll(async () => {
      ({ world, payments } = await openWorldWithPayments({ credentials: rotated }));
    }, startMs);
    afterAll(async () => {
      await payments?.stop();
      await world?.close();
    });

    test("a role of PostgreSQL: killed at five lines of one rotation, it ends once", async () =>
      await rotateThrough(world, payments, {
        credential: paymentsDb,
        during: async () => await killAtEach(world, lines),
      }));

    test("a secret id of Vault: its value dies with who got it, and another one is made", async () =>
      await rotateThrough(world, payments, {
        credential: paymentsVault,
        lostMints: 1,
        during: async () => await killAtEach(world, [{ kind: "rotator", point: lostMint }]),
      }));

    test("one replica of each kind is killed, and the other goes on alone", async () =>
      await rotateThrough(world, payments, {
        credential: paymentsDb,
        during: async () => await killFirstReplicas(world),
        after: async () => void (await restartAll(world)),
      }));

    test("all ten are killed at once, and what was begun is finished", async () =>
      await rotateThrough(world, payments, {
        credential: paymentsVault,
        lostMints: 1,
        during: async () => await killAll(world),
      }));

    test("what the ledger holds is on Kafka; an event that stands there again is the same", async () => {
      await expectAuditComplete(world);
      await expectAnnouncementsRise(world);
    });
  },
);

const killFirstReplicas = async ({ installation }: World): Promise<void> => {
  const victims = installation.services.filter(({ replica }) => replica === 1);
  await Promise.all(victims.map(async (service) => await service.kill()));
};

/** While one has just had an effect that nobody knows of. */
const killAll = async (world: World): Promise<void> => {
  const { installation } = world;
  const { services } = installation;
  armFailpoint(installation.failpoint("rotator"), lostMint);
  await eventually(() => hasSprung(installation.failpoint("rotator")), sprung);
  await Promise.all(services.map(async (service) => await service.kill()));
  await restartAll(world);
};

interface Ordeal {
  readonly credential: StackCredential;
  /** Versions that were made and are of no use. */
  readonly lostMints?: number;
  readonly during: () => Promise<void>;
  readonly after?: () => Promise<void>;
}

/** A rotation that somebody asked for, with what happens meanwhile; ends as if nothing had happened. */
const rotateThrough = async (
  world: World,
  payments: Payments,
  { credential, lostMints = 0, during, after }: Ordeal,
): Promise<void> => {
  const { acts } = world;
  const since = Date.now();
  const old = await acts.value(credential);
  const happening = during();
  await acts.wish(credential);
  await happening;
  const now = await acts.valueOf(credential, old.version + 1 + lostMints, recoveredMs);
  await acts.settled(recoveredMs);
  await after?.();
  expect(now.version).toBe(old.version + 1 + lostMints);
  await payments.movedAt(credential.id, now.version);
  await expectDead(world, old, now);
  await expectNothingDoubled(world, credential, now.version);
  await expectNoPaymentFailed(world, payments, { since, credential });
};

/** By the servers' own lists and log, and by the append-only audit. */
const expectNothingDoubled = async (
  world: World,
  credential: StackCredential,
  version: number,
): Promise<void> => {
  expect(await versionsAt(world, credential)).toEqual(onlyVersion(credential, version));
  if ("group" in credential.made)
    expect(world.target.timesCreated(`rekey_${credential.id}_${version}`)).toBe(1);
  const { versions } = await world.acts.show(credential);
  const alive = versions.filter(({ life }) => life !== "revoked").map(({ number }) => number);
  expect(alive).toEqual([version]);
};

/**
 * Arms one line after the other; whoever dies there is started again. The next line is armed before that: its start may
 * last longer than the hold that it left, and the other replica may come to that line meanwhile.
 */
const killAtEach = async (world: World, kills: readonly Kill[]): Promise<void> => {
  const { installation } = world;
  await Promise.all(
    [...new Set(kills.map(({ kind }) => kind))].map(async (kind) => {
      const file = installation.failpoint(kind);
      const members = installation.services.filter((one) => one.kind === kind);
      const dead = (): number => members.filter((one) => one.hasEnded()).length;
      const [first, ...later] = kills.filter((one) => one.kind === kind);
      if (first !== undefined) armFailpoint(file, first.point);
      let restarted = 0;
      for (const [before, next] of [...later, undefined].entries()) {
        await eventually(() => hasSprung(file) && restarted + dead() > before, sprung);
        if (next !== undefined) armFailpoint(file, next.point);
        restarted += await restartAll(world, [kind]);
      }
    }),
  );
};

/** What a supervisor does; answers how many it was that had ended. */
const restartAll = async (world: World, kinds?: readonly ServiceKind[]): Promise<number> => {
  const { services } = world.installation;
  const dead = services.filter((one) => one.hasEnded() && (kinds?.includes(one.kind) ?? true));
  await Promise.all(dead.map(async (service) => await service.restart()));
  return dead.length;
};
