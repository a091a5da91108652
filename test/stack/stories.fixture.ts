import { eventually } from "@rekey/testkit";
import { expect } from "vitest";
import type { AuditEvent, CaseDetail, HeldValue } from "./acts.fixture.ts";
import { logIn, withWrongPassword, type LoginAnswer } from "./connect.ts";
import type { StackCredential } from "./inventory.fixture.ts";
import type { Payments } from "./payments.fixture.ts";
import type { World } from "./world.fixture.ts";

/** One real login with a value, made outside of Rekey. */
export const tryValue = async (
  { vault }: Pick<World, "vault">,
  { secret, roleId }: HeldValue,
): Promise<LoginAnswer> =>
  roleId === "" ? await logIn(secret) : await vault.logIn(roleId, secret);

/** Never right: the same place and name with another secret. */
const bogusOf = ({ secret, roleId, version }: HeldValue): HeldValue => ({
  roleId,
  version,
  secret: roleId === "" ? withWrongPassword(secret) : crypto.randomUUID(),
});

/** A refusal counts only beside two controls at the same server: a value that works, and one that was never right. */
export const expectDead = async (
  world: World,
  old: HeldValue,
  control: HeldValue,
): Promise<void> => {
  const [found, works, bogus] = [
    await tryValue(world, old),
    await tryValue(world, control),
    await tryValue(world, bogusOf(control)),
  ];
  expect({ found, works, bogus }).toEqual({ found: "refused", works: "alive", bogus: "refused" });
};

export interface Witnessed {
  /** When the last login began that still worked. */
  readonly lastAlive: number;
  readonly firstRefused: number;
}

const refusedMsMax = 120_000;

/** Logs in again and again with a leaked value, as somebody would who found it. */
export const watchUntilRefused = async (world: World, old: HeldValue): Promise<Witnessed> => {
  let lastAlive = 0;
  const firstRefused = await eventually(
    async () => {
      const began = Date.now();
      const found = await tryValue(world, old);
      if (found === "alive") lastAlive = began;
      return found === "refused" && Date.now();
    },
    { withinMs: refusedMsMax, everyMs: 20 },
  );
  return { lastAlive, firstRefused };
};

interface Ended {
  /** When the story began. */
  readonly since: number;
  readonly credential: StackCredential;
  readonly old: HeldValue;
  readonly detail: CaseDetail;
}

/** After the time that Rekey recorded as contained nobody got in. */
export const expectContained = (
  { credential, old, detail }: Omit<Ended, "since">,
  { lastAlive }: Witnessed,
): void => {
  const version = detail.versions.find(
    (one) => one.credential === credential.id && one.number === old.version,
  );
  expect(version?.containedAt).toBeGreaterThanOrEqual(lastAlive);
  expect(version?.life).toBe("revoked");
};

/** Every payment since then that failed overlaps the time between the containment's intent and the move. */
export const expectFailedOnlyInContainment = async (
  { acts }: World,
  payments: Payments,
  { since, credential, old, detail }: Ended,
): Promise<void> => {
  const events = await acts.audit({ case: detail.case.id });
  const from = containmentBegan(events, detail.case.openedAt);
  const until = await payments.movedAt(credential.id, old.version + 1);
  const all = await payments.payments(since);
  const outside = all.filter(
    ({ ok, startedAt, endedAt }) => !ok && (endedAt < from || startedAt > until),
  );
  expect({ outside, window: [from, until] }).toEqual({ outside: [], window: [from, until] });
  await eventually(async () => (await payments.payments(until)).some(({ ok }) => ok), {
    withinMs: refusedMsMax,
  });
};

/** The commit that intends the containment; from there on the old version may be refused. */
const containmentBegan = (events: readonly AuditEvent[], openedAt: number): number => {
  const intended = events.find(
    ({ type, detail }) =>
      type === "rotation.step-intended" && String(detail["step"]).startsWith("contain#"),
  );
  return Math.min(openedAt, intended?.at ?? openedAt);
};

/** Each payment since then went through, and there were some. */
export const expectNoPaymentFailed = async (
  { acts }: Pick<World, "acts">,
  payments: Payments,
  { since, credential }: Pick<Ended, "since" | "credential">,
): Promise<void> => {
  const all = await payments.payments(since);
  const failed = all.filter(({ ok }) => !ok);
  const events = failed.length === 0 ? [] : await acts.audit({ credential: credential.id });
  const told = events
    .filter(({ at }) => at >= since)
    .map(({ at, type, reason }) => ({ at, type, reason }));
  expect({ failed, told }).toEqual({ failed: [], told: [] });
  expect(all.length).toBeGreaterThan(0);
};

/** Nothing of these credentials is at either server but what is said, by the servers' own lists. */
export const versionsAt = async (
  { target, vault }: World,
  credential: StackCredential,
): Promise<readonly string[]> => {
  if ("group" in credential.made) {
    const marked = await target.markedRoles();
    const named = marked
      .filter((role) => role.credential === credential.id)
      .map(({ name }) => name);
    return [...new Set([...named, ...(await target.loginsOf(credential.made.group))])].toSorted();
  }
  const found = await vault.secretIdsOf(credential.made.role);
  return found.map((metadata) => `${metadata["rekey_credential"]}#${metadata["rekey_version"]}`);
};

/** What `versionsAt` answers when one version alone is left. */
export const onlyVersion = ({ id, made }: StackCredential, version: number): readonly string[] =>
  "group" in made ? [`rekey_${id}_${version}`] : [`${id}#${version}`];
