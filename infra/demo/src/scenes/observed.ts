import { hash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { documentPath } from "@rekey/stores";
import { caseRowOf } from "../report/case-row.ts";
import { credentials } from "../run/inventory.ts";
import { claimClosed, publishAndScan } from "./leak.ts";
import { findCase, followCase } from "./follow-case.ts";
import { narrator } from "./narrate.ts";
import { claimAlive, holdValue } from "./outside.ts";
import type { World } from "./world.ts";

/** The same leak where Rekey may only look: a plan, and nothing touched. */
export const observedScene = async (world: World): Promise<void> => {
  const { screen, rekey, rows, claims } = world;
  const { staging } = credentials;
  screen.scene("g", "The same leak, in observe mode", `${staging.id}, environment staging`);
  const since = Date.now();
  const value = await holdValue(world, staging);
  const before = await traces(world);
  const report = await publishAndScan(world, { value, file: "staging-export.env" });
  screen.event("rekey report scan", "the same command");
  await rekey.run(["report", "scan", "--format", "secretlint", "-"], report);
  const about = `${staging.id}#${value.version}`;
  const opened = await findCase(world, { kind: "incident", about, since });
  const { detail } = await screen.progress("the case runs", ({ note }) =>
    followCase(world, { id: opened.id, onEvent: narrator({ screen, since }), note }),
  );
  const plan = detail.rotations.flatMap((rotation) => rotation.plan.map(({ kind }) => kind));
  screen.say(`would have: ${plan.join(" → ")}`);
  claims.equal("the plan begins with the containment", {
    expected: "contain",
    found: plan[0] ?? "none",
  });
  const oldProbe = await claimAlive(world, { name: "the leaked staging password", value });
  claims.equal("roles and document of staging are as they were", {
    expected: before,
    found: await traces(world),
    shown: "unchanged",
  });
  claimClosed(world, detail.case.state, "would-have");
  rows.push(caseRowOf({ detail, credential: staging.id, version: value.version, oldProbe }));
};

/** All that an effect would have changed: the roles at the server and the document's bytes. */
const traces = async ({ target, layout }: World): Promise<string> => {
  const { id, group } = credentials.staging;
  const logins = await target.witness.loginsOf(group);
  const bytes = await readFile(documentPath(layout.documents, id));
  return `${logins.join(",")} ${hash("sha256", bytes).slice(0, 12)}`;
};
