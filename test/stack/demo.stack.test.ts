import { join } from "node:path";
import { describeStack } from "@rekey/stack/vitest";
import { eventually } from "@rekey/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { CaseDetail, CredentialView, HeldValue } from "./acts.fixture.ts";
import { expectAnnouncementsRise, expectAuditComplete } from "./kafka-audit.fixture.ts";
import {
  canaryDb,
  catalogDb,
  demoCredentials,
  partners,
  paymentsDb,
  paymentsVault,
  stagingDb,
  type StackCredential,
} from "./inventory.fixture.ts";
import { cloudEvent } from "./kafka.fixture.ts";
import { openWorldWithPayments, type Payments } from "./payments.fixture.ts";
import { anotherRun, nativeReport, publish, secretlintReport } from "./scanner.fixture.ts";
import {
  expectContained,
  expectDead,
  expectFailedOnlyInContainment,
  expectNoPaymentFailed,
  onlyVersion,
  tryValue,
  versionsAt,
  watchUntilRefused,
} from "./stories.fixture.ts";
import type { World } from "./world.fixture.ts";

const startMs = 400_000;
const settling = { withinMs: 120_000, everyMs: 100 };
const parts = ["kafka", "redis", "vault", "gitleaks"] as const;

describeStack(parts, "the demonstration on Kafka, Redis, Vault and five services", () => {
  let world: World;
  let payments: Payments;
  beforeAll(async () => {
    ({ world, payments } = await openWorldWithPayments({ credentials: demoCredentials }));
  }, startMs);
  afterAll(async () => {
    await payments?.stop();
    await world?.close();
  });

  const leaks: { old: HeldValue; report: string; detail: CaseDetail }[] = [];

  test("a connection string in a git history is found, contained, replaced and proven dead", async () => {
    const line = (value: HeldValue): string => `DATABASE_URL="${value.secret}"`;
    const leak = await leakStory({ world, payments, credential: paymentsDb, line });
    expect(leak.byDefault).toEqual([]);
    leaks.push(leak);
  });

  test("a secret id in a git history is found, destroyed, replaced and proven dead", async () => {
    const line = (value: HeldValue): string => `VAULT_LOGIN_SECRET_ID=${value.secret}`;
    await leakStory({ world, payments, credential: paymentsVault, line });
  });

  test("thirty more reports of one secret, by three formats and topics, make no second case", async () => {
    const [leak] = leaks;
    if (leak === undefined) throw new Error("there was no leak before");
    await moreReports(world, leak);
  });

  test("a rotation by age fails no payment", async () => await scheduledStory(world, payments));

  test("a partner leaves, and all it held at both servers is proven dead", async () =>
    await offboardingStory(world));

  test("a deployment is removed: what was its own ends, what is shared stays", async () =>
    await deploymentStory(world));

  test("where Rekey may only look, the same leak ends as a plan and touches nothing", async () =>
    await observedStory(world));

  test("what the ledger holds is on Kafka, in order, and each ending once", async () => {
    await world.acts.settled();
    await expectAuditComplete(world, "seldom");
    await expectAnnouncementsRise(world);
  });
});

interface LeakStory {
  readonly world: World;
  readonly payments: Payments;
  readonly credential: StackCredential;
  readonly line: (value: HeldValue) => string;
}

const leakStory = async ({ world, payments, credential, line }: LeakStory) => {
  const { acts, kafka, installation, folder } = world;
  const since = Date.now();
  const old = await acts.value(credential);
  const leak = await publish(join(folder, `history-of-${credential.id}`), [line(old)]);
  const { report, findings } = await leak.scan("repository");
  expect(findings.map(({ Secret }) => Secret)).toContain(old.secret);
  const witness = watchUntilRefused(world, old);
  await kafka.produce("rekey.in.gitleaks", [{ key: credential.id, value: report }]);
  await installation.rekey(["report", "scan", "--format", "gitleaks", "-"], report);
  const about = `${credential.id}#${old.version}`;
  const detail = await acts.closed({ kind: "incident", about, since });
  expect(detail.case.state).toMatchObject({ at: "closed", outcome: "proven-dead" });
  const now = await acts.value(credential);
  expect(now.version).toBe(old.version + 1);
  await expectDead(world, old, now);
  expectContained({ credential, old, detail }, await witness);
  await expectFailedOnlyInContainment(world, payments, { since, credential, old, detail });
  expect(await versionsAt(world, credential)).toEqual(onlyVersion(credential, now.version));
  expect((await sameCases(world, about)).length).toBe(1);
  const byDefault = (await leak.scan("default")).findings.filter(
    ({ Secret }) => Secret === old.secret,
  );
  return { old, report, detail, byDefault };
};

const sameCases = async ({ acts }: World, about: string) =>
  (await acts.cases()).filter((one) => one.kind === "incident" && one.about === about);

const each = 10;

const moreReports = async (
  world: World,
  { old, report, detail }: { old: HeldValue; report: string; detail: CaseDetail },
): Promise<void> => {
  const { acts, kafka } = world;
  const known = new Set((await acts.signals()).map(({ id }) => id));
  const about = `${paymentsDb.id}#${old.version}`;
  const numbers = Array.from({ length: each }, (_, index) => index);
  const records = (value: (index: number) => string) =>
    numbers.map((index) => ({ key: `copy-${index}`, value: value(index) }));
  const native = records((index) => nativeReport(about, index));
  await kafka.produce("rekey.in.push", native, cloudEvent);
  await kafka.produce(
    "rekey.in.gitleaks",
    records((index) => anotherRun(report, index)),
  );
  await kafka.produce(
    "rekey.in.secretlint",
    records((index) => secretlintReport(old.secret, index)),
  );
  const fresh = await eventually(async () => {
    const found = (await acts.signals()).filter(({ id }) => !known.has(id));
    return found.length >= 3 * each && found;
  }, settling);
  const others = fresh.filter(({ outcome }) => outcome !== "joined" && outcome !== "noted");
  expect(others).toEqual([]);
  expect((await sameCases(world, about)).map(({ id }) => id)).toEqual([detail.case.id]);
};

/** Longer than a slow machine needs until the next versions are not to grow as old. */
const oldMs = 20_000;

/** Their current version: one campaign is to find all of them. */
const isOlder = (versions: CredentialView["versions"], ms: number): boolean => {
  const current = versions.find(({ label }) => label === "current");
  return current?.promotedAt !== undefined && Date.now() - current.promotedAt > ms;
};

const scheduledStory = async (world: World, payments: Payments): Promise<void> => {
  const { acts } = world;
  const rotated = [paymentsDb, paymentsVault];
  const old = await Promise.all(rotated.map(async (one) => await acts.value(one)));
  await eventually(async () => {
    const views = await Promise.all(rotated.map(async (one) => await acts.show(one)));
    return views.every(({ versions }) => isOlder(versions, oldMs));
  }, settling);
  const since = Date.now();
  await acts.apply(`${oldMs} ms`);
  await eventually(
    async () =>
      (await acts.cases()).some(({ kind, openedAt }) => kind === "campaign" && openedAt >= since),
    settling,
  );
  // The next versions are not to grow old as well.
  await acts.apply();
  const detail = await acts.closed({ kind: "campaign", about: "services@", since });
  expect(detail.case.state).toMatchObject({ outcome: "rotated" });
  for (const [index, credential] of rotated.entries()) {
    const [before, now] = [old[index], await acts.value(credential)];
    if (before === undefined) continue;
    expect(now.version).toBe(before.version + 1);
    await payments.movedAt(credential.id, now.version);
    await expectDead(world, before, now);
  }
  await expectNoPaymentFailed(world, payments, { since, credential: paymentsDb });
};

const offboardingStory = async (world: World): Promise<void> => {
  const { acts, installation } = world;
  const since = Date.now();
  const held = await Promise.all(partners.map(async (one) => await acts.value(one)));
  expect(await Promise.all(held.map(async (one) => await tryValue(world, one)))).toEqual(
    partners.map(() => "alive"),
  );
  const reason = ["--reason", "the contract ends today"];
  await installation.rekey(["report", "offboarding", "--partner", "partner-acme", ...reason]);
  const detail = await acts.closed({ kind: "offboarding", about: "partner-acme", since });
  expect(detail.case.state).toMatchObject({ outcome: "proven-dead" });
  const [database, secretId] = [await acts.value(paymentsDb), await acts.value(paymentsVault)];
  for (const [index, credential] of partners.entries()) {
    const old = held[index];
    if (old === undefined) continue;
    await expectDead(world, old, old.roleId === "" ? database : secretId);
    expect(await versionsAt(world, credential)).toEqual([]);
  }
};

const deploymentStory = async (world: World): Promise<void> => {
  const { acts, installation } = world;
  const since = Date.now();
  const [own, shared] = [await acts.value(canaryDb), await acts.value(catalogDb)];
  const removed = ["--service", "shop-canary", "--environment", "production", "--effect", "retire"];
  await installation.rekey(["report", "deployment", ...removed]);
  const about = "shop-canary@production";
  const detail = await acts.closed({ kind: "retirement", about, since });
  expect(detail.case.state).toMatchObject({ outcome: "proven-dead" });
  await expectDead(world, own, shared);
  expect(await versionsAt(world, canaryDb)).toEqual([]);
  expect(await versionsAt(world, catalogDb)).toEqual(onlyVersion(catalogDb, shared.version));
  expect(await acts.value(catalogDb)).toEqual(shared);
};

const observedStory = async (world: World): Promise<void> => {
  const { acts, kafka, folder } = world;
  await acts.mode("staging", "observe");
  const since = Date.now();
  const value = await acts.value(stagingDb);
  const leak = await publish(join(folder, "history-of-staging"), [
    `DATABASE_URL="${value.secret}"`,
  ]);
  const { report } = await leak.scan("repository");
  await kafka.produce("rekey.in.gitleaks", [{ key: stagingDb.id, value: report }]);
  const about = `${stagingDb.id}#${value.version}`;
  const detail = await acts.closed({ kind: "incident", about, since });
  expect(detail.case.state).toMatchObject({ outcome: "would-have" });
  expect(detail.rotations[0]?.plan[0]?.kind).toBe("contain");
  expect(await tryValue(world, value)).toBe("alive");
  expect(await acts.value(stagingDb)).toEqual(value);
  expect(await versionsAt(world, stagingDb)).toEqual(onlyVersion(stagingDb, value.version));
};
