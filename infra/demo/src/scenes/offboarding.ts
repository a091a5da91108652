import { caseRowOf, type CaseDetail } from "../report/case-row.ts";
import { credentials } from "../run/inventory.ts";
import { claimClosed } from "./leak.ts";
import { findCase, followCase } from "./follow-case.ts";
import { narrator } from "./narrate.ts";
import { claimDead, holdValue } from "./outside.ts";
import type { World } from "./world.ts";

const partner = "partner-acme";
const owned = [credentials.orders, credentials.reports, credentials.exports];

/** A partner leaves: every credential it holds is ended and proven dead. */
export const offboardingScene = async (world: World): Promise<void> => {
  const { screen, rekey, rows } = world;
  screen.scene("d", "A partner leaves", `${partner}, ${owned.length} credentials`);
  const since = Date.now();
  const held = await Promise.all(owned.map((one) => holdValue(world, one)));
  screen.event("rekey report offboarding", "as the directory of partners says");
  const left = ["--partner", partner, "--reason", "the contract ends today"];
  await rekey.run(["report", "offboarding", ...left]);
  const opened = await findCase(world, { kind: "offboarding", about: partner, since });
  const { detail } = await screen.progress("everything it holds ends", ({ note }) =>
    followCase(world, { id: opened.id, onEvent: narrator({ screen, since }), note }),
  );
  const control = await holdValue(world, credentials.payments);
  for (const [index, credential] of owned.entries()) {
    const old = held[index];
    if (old === undefined) continue;
    const oldProbe = await claimDead(world, { name: credential.id, old, control });
    rows.push(caseRowOf({ detail, credential: credential.id, version: old.version, oldProbe }));
  }
  claimControlled(world, detail);
  await claimNothingLeft(world);
  claimClosed(world, detail.case.state);
};

/** Without a successor the proof's positive control is the credential kept for that. */
const claimControlled = ({ claims }: World, { versions }: CaseDetail): void => {
  const controls = versions.map(({ proof }) => {
    const positive = proof?.probes.filter(({ role }) => role === "positive-control") ?? [];
    return (
      positive.length > 0 && positive.every(({ of, answer }) => isControl(of) && answer === "alive")
    );
  });
  claims.equal("proofs with a working control credential", {
    expected: owned.length,
    found: controls.filter(Boolean).length,
  });
};

const isControl = ({ credential }: { readonly credential: string }): boolean =>
  credential.startsWith("control-");

const claimNothingLeft = async ({ claims, target }: World): Promise<void> => {
  const marked = await target.witness.markedRoles();
  const names = new Set<string>(owned.map(({ id }) => id));
  const left = marked.filter(({ credential }) => names.has(credential)).map(({ name }) => name);
  const logins = await Promise.all(owned.map(({ group }) => target.witness.loginsOf(group)));
  claims.equal("the server's own list holds none of them", {
    expected: "none",
    found: [...left, ...logins.flat()].join(", ") || "none",
  });
};
