import { existsSync, rmSync } from "node:fs";
import { apiRoutes } from "@rekey/contracts";
import { caseRowOf } from "../report/case-row.ts";
import { armFailpoint, sprungFile } from "../run/failpoint.ts";
import { credentials } from "../run/inventory.ts";
import { seconds } from "../terminal/times.ts";
import { claimClosed } from "./leak.ts";
import { findCase, followCase, type AuditEvent } from "./follow-case.ts";
import { narrator } from "./narrate.ts";
import { claimAlive, claimDead, holdValue, type HeldValue } from "./outside.ts";
import { claimNoPaymentFailed } from "./scheduled.ts";
import type { World } from "./world.ts";

/** Five points inside one rotation, each after an effect took place and before anything recorded it. */
const points = [
  { name: "stage.after-effect", hurts: "the value is in the store, no record says so" },
  { name: "mint.after-effect", hurts: "the role exists, no record says so" },
  { name: "promote.after-effect", hurts: "readers have the new value, no record says so" },
  { name: "retire.after-effect", hurts: "the old one is suspended, no record says so" },
  { name: "revoke.after-effect", hurts: "the role is dropped, no record says so" },
] as const;

const killedMsMax = 180_000;
const killSignal = "SIGKILL";

/** kill -9 of everything Rekey runs, five times in one rotation. */
export const killsScene = async (world: World): Promise<void> => {
  const { screen, api, rows, claims, signal } = world;
  const { id } = credentials.payments;
  screen.scene("f", "kill -9, five times inside one rotation", `${id}, payments going on`);
  const since = Date.now();
  const old = await holdValue(world, credentials.payments);
  arm(world, points[0].name);
  screen.event("a rotation is asked for", "five points are armed, one after the other");
  // By the API itself: the command waits to see what comes of it, and would be waiting for the dead.
  const asked = { params: { credential: id }, body: { reason: "before the audit" }, signal };
  await api.call(apiRoutes.credentials.rotate, asked);
  let killed = 0;
  for (const [index, point] of points.entries())
    killed += await killAt(world, { point, next: points[index + 1]?.name });
  claims.equal("killed by SIGKILL at its own point", { expected: points.length, found: killed });
  await screen.progress("rekey up starts again", () => world.up.ready());
  screen.say("what the audit tells of it, at the ledger's times:");
  const opened = await findCase(world, { kind: "campaign", about: `manual:${id}`, since });
  const { detail, events } = await screen.progress("the rotation is finished", ({ note }) =>
    followCase(world, { id: opened.id, onEvent: narrator({ screen, since }), note }),
  );
  const value = await holdValue(world, credentials.payments);
  const oldProbe = await claimDead(world, { name: "the old password", old, control: value });
  const newProbe = await claimAlive(world, { name: "the new password", value });
  claimClosed(world, detail.case.state, "rotated");
  await claimNothingDoubled(world, { old, events });
  await claimNoPaymentFailed(world, since);
  rows.push(caseRowOf({ detail, credential: id, version: old.version, oldProbe, newProbe }));
};

const arm = ({ layout }: World, point: string): void => {
  rmSync(sprungFile(layout.failpoint), { force: true });
  armFailpoint(layout.failpoint, point);
};

interface Kill {
  readonly point: (typeof points)[number];
  readonly next: string | undefined;
}

/** Waits for the kill, arms the next point and starts everything again. Answers 1 for a kill at its point. */
const killAt = async (world: World, { point, next }: Kill): Promise<number> => {
  const { screen, up, layout, signal } = world;
  const victim = up.child();
  const late = AbortSignal.any([signal, AbortSignal.timeout(killedMsMax)]);
  const ended = await screen.progress(`armed: ${point.name}`, () => endOf(victim.ended, late));
  const sprung = existsSync(sprungFile(layout.failpoint));
  screen.event(`killed at ${point.name}`, point.hurts);
  if (point.name === "mint.after-effect") await claimMintedUnrecorded(world);
  if (next !== undefined) arm(world, next);
  const from = performance.now();
  up.start();
  if (next === undefined) return Number(ended === killSignal && sprung);
  await screen.progress("rekey up starts again", () => reachable(world));
  screen.event("rekey up runs again", `after ${seconds(performance.now() - from)}`);
  return Number(ended === killSignal && sprung);
};

const endOf = async (ended: Promise<number | string>, signal: AbortSignal) => {
  const aborted = Promise.withResolvers<never>();
  const give = (): void =>
    aborted.reject(new Error("it was not killed in time", { cause: signal.reason }));
  signal.addEventListener("abort", give, { once: true });
  try {
    return await Promise.race([ended, aborted.promise]);
  } finally {
    signal.removeEventListener("abort", give);
  }
};

/** The next kill may come before everything is ready: either will do. */
const reachable = async ({ up }: World): Promise<void> => {
  const victim = up.child();
  await Promise.race([up.ready().catch(() => undefined), victim.ended]);
};

/** The moment nobody can recover from by looking at a table: the server alone knows of the role. */
const claimMintedUnrecorded = async ({ claims, target }: World): Promise<void> => {
  const { id, group } = credentials.payments;
  const logins = await target.witness.loginsOf(group);
  claims.equal("both roles are on the server, Rekey is dead", {
    expected: 2,
    found: logins.length,
    shown: logins.join(", ") || id,
  });
};

interface Finished {
  readonly old: HeldValue;
  readonly events: readonly AuditEvent[];
}

/** Counted where it cannot be forgotten: the server's log and list, and the append-only audit. */
const claimNothingDoubled = async (world: World, { old, events }: Finished): Promise<void> => {
  const { claims, target, doubled, api, signal } = world;
  const { id, group } = credentials.payments;
  const role = `rekey_${id}_${old.version + 1}`;
  const made = target.timesCreated(role);
  const logins = await target.witness.loginsOf(group);
  const endings = events.filter(({ type }) => type === "rotation.completed").length;
  claims.equal(`times the server made ${role}`, { expected: 1, found: made });
  claims.equal("roles that may log in as the payments group", {
    expected: role,
    found: logins.join(", "),
  });
  claims.equal("endings of the rotation in the audit", { expected: 1, found: endings });
  const view = await api.call(apiRoutes.credentials.show, { params: { credential: id }, signal });
  const alive = view.versions.filter(({ life }) => life !== "revoked").map(({ number }) => number);
  claims.equal("versions that Rekey believes alive", {
    expected: String(old.version + 1),
    found: alive.join(", "),
  });
  if (made > 1) doubled.push(`${role} was made ${made} times`);
  if (endings > 1) doubled.push(`${endings} endings of one rotation`);
};
