import { countPayments, paymentsIn, startedBetween } from "../payments/attempts.ts";
import { caseRowOf } from "../report/case-row.ts";
import { applyInventory } from "../run/apply-inventory.ts";
import { credentials } from "../run/inventory.ts";
import { claimClosed } from "./leak.ts";
import { findCase, followCase } from "./follow-case.ts";
import { narrator } from "./narrate.ts";
import { claimAlive, claimDead, holdValue } from "./outside.ts";
import type { World } from "./world.ts";

/** Old enough by now: the version that replaced the leaked one. */
const rotateAfter = "5 s";

/** The policy's age limit is reached: a rotation with overlap, without one failed payment. */
export const scheduledScene = async (world: World): Promise<void> => {
  const { screen, rows } = world;
  const { id } = credentials.payments;
  screen.scene("c", "A rotation by age, with overlap", `${id}, payments going on`);
  const since = Date.now();
  const old = await holdValue(world, credentials.payments);
  await applyInventory(world, { rotateAfter });
  screen.event(`inventory.yaml: rotateAfter ${rotateAfter}`, "the clock does the rest");
  const opened = await screen.progress("the version grows old", () =>
    findCase(world, { kind: "campaign", about: "services@", since }),
  );
  // The next version is not to grow old as well.
  await applyInventory(world);
  const { detail } = await screen.progress("the rotation runs", ({ note }) =>
    followCase(world, { id: opened.id, onEvent: narrator({ screen, since }), note }),
  );
  const control = await holdValue(world, credentials.payments);
  const oldProbe = await claimDead(world, { name: "the old password", old, control });
  const newProbe = await claimAlive(world, { name: "the new password", value: control });
  claimClosed(world, detail.case.state, "rotated");
  await claimNoPaymentFailed(world, since);
  rows.push(caseRowOf({ detail, credential: id, version: old.version, oldProbe, newProbe }));
};

/** Since then payments were tried, and each of them went through. */
export const claimNoPaymentFailed = async (
  { claims, payments }: World,
  since: number,
): Promise<void> => {
  const span = { from: since, until: Date.now() };
  const all = startedBetween(paymentsIn(await payments.lines()), span);
  const { ok, failedOutsideContainment } = countPayments(all, []);
  claims.between("payments went through meanwhile", ok, { min: 1, max: Infinity });
  claims.equal("payments failed meanwhile", { expected: 0, found: failedOutsideContainment });
};
