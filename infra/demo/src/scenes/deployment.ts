import { caseRowOf, probeOf } from "../report/case-row.ts";
import { credentials } from "../run/inventory.ts";
import { logIn } from "../target/connect.ts";
import { claimClosed } from "./leak.ts";
import { findCase, followCase } from "./follow-case.ts";
import { narrator } from "./narrate.ts";
import { claimAlive, claimDead, holdValue } from "./outside.ts";
import type { World } from "./world.ts";

const service = "shop-canary";
const environment = "production";

/** A deployment is removed: what was made for it ends, what others share stays. */
export const deploymentScene = async (world: World): Promise<void> => {
  const { screen, rekey, rows, claims, target } = world;
  const { canary, catalog } = credentials;
  screen.scene("e", "A deployment is removed", `${service}, one credential of its own, one shared`);
  const since = Date.now();
  const [own, shared] = [await holdValue(world, canary), await holdValue(world, catalog)];
  const sharedBefore = (await target.witness.loginsOf(catalog.group)).join(", ");
  screen.event("rekey report deployment", "as the pipeline that removed it says");
  const removed = ["--service", service, "--environment", environment, "--effect", "retire"];
  await rekey.run(["report", "deployment", ...removed]);
  const about = `${service}@${environment}`;
  const opened = await findCase(world, { kind: "retirement", about, since });
  const { detail } = await screen.progress("what was made for it ends", ({ note }) =>
    followCase(world, { id: opened.id, onEvent: narrator({ screen, since }), note }),
  );
  const oldProbe = await claimDead(world, { name: canary.id, old: own, control: shared });
  claims.equal(`${canary.id}: logins left on the server`, {
    expected: 0,
    found: (await target.witness.loginsOf(canary.group)).length,
  });
  await claimAlive(world, { name: `${catalog.id}, also used by shop-web,`, value: shared });
  claims.equal(`${catalog.id}: the same login as before`, {
    expected: sharedBefore,
    found: (await target.witness.loginsOf(catalog.group)).join(", "),
  });
  claimClosed(world, detail.case.state);
  rows.push(
    caseRowOf({ detail, credential: canary.id, version: own.version, oldProbe }),
    caseRowOf({
      detail,
      credential: catalog.id,
      version: undefined,
      oldProbe: probeOf(await logIn(shared.url)),
    }),
  );
};
