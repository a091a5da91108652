import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { countPayments, paymentsIn, startedBetween } from "../payments/attempts.ts";
import { caseRowOf } from "../report/case-row.ts";
import { credentials } from "../run/inventory.ts";
import { carelessConfig, logIn } from "../target/connect.ts";
import { seconds } from "../terminal/times.ts";
import type { Reported, Send } from "./duplicates.ts";
import { followCase, findCase, type AuditEvent } from "./follow-case.ts";
import { narrator } from "./narrate.ts";
import { claimAlive, claimDead, holdValue, type HeldValue } from "./outside.ts";
import type { World } from "./world.ts";

/** What later scenes need of the leak. */
export interface Leak {
  readonly old: HeldValue;
  readonly about: string;
  /** Further reports that were sent as soon as the case was open. */
  readonly earlyReports: Promise<Reported>;
}

/** Plants a connection string in a published file and lets the real scanner find it. Answers its report. */
export const publishAndScan = async (
  { layout, screen, secretlint }: Pick<World, "layout" | "screen" | "secretlint">,
  { value, file }: { readonly value: HeldValue; readonly file: string },
): Promise<string> => {
  await mkdir(layout.published, { recursive: true });
  const path = join(layout.published, file);
  await writeFile(path, carelessConfig(value.url));
  screen.event("a connection string is published", `published/${file}`);
  const { report, findings } = await secretlint.run([path]);
  const [first] = findings;
  if (first === undefined) throw new Error("secretlint found nothing in the planted file");
  screen.event("secretlint finds it", `${first.rule}, line ${first.line}`);
  return report;
};

/** A password leaks: contained, replaced, the consumer moved, the old one refused, the case closed. */
export const leakScene = async (
  world: World,
  findCopies: (old: HeldValue) => Promise<Send>,
): Promise<Leak> => {
  const { screen, rekey, payments, windows, rows } = world;
  const { id } = credentials.payments;
  screen.scene("a", "A password leaks", `${id}, used by payments-api`);
  const since = Date.now();
  const old = await holdValue(world, credentials.payments);
  const [report, sendCopies] = await Promise.all([
    publishAndScan(world, { value: old, file: "nightly-export.env" }),
    findCopies(old),
  ]);
  const about = `${id}#${old.version}`;
  const witness = watchUntilRefused(world, old);
  screen.event("rekey report scan", "fingerprinted at the gateway, the value dropped");
  await rekey.run(["report", "scan", "--format", "secretlint", "-"], report);
  const opened = await findCase(world, { kind: "incident", about, since });
  const earlyReports = sendCopies();
  const { detail, events } = await screen.progress("the case runs", ({ note }) =>
    followCase(world, { id: opened.id, onEvent: narrator({ screen, since }), note }),
  );
  const moved = await payments.moved(old.version + 1);
  const window = { from: containmentBegan(events, opened.openedAt), until: moved };
  windows.push(window);
  const oldProbe = await claimDead(world, {
    name: "the leaked password",
    old,
    control: await holdValue(world, credentials.payments),
  });
  const value = await holdValue(world, credentials.payments);
  const newProbe = await claimAlive(world, { name: "the new password", value });
  claimContained(world, { detail, credential: id, version: old.version, ...(await witness) });
  claimClosed(world, detail.case.state);
  await claimPayments(world, { since, window });
  rows.push(caseRowOf({ detail, credential: id, version: old.version, oldProbe, newProbe }));
  return { old, about, earlyReports };
};

/** The commit that intends the containment; from there on the old version may be refused. */
const containmentBegan = (events: readonly AuditEvent[], openedAt: number): number => {
  const intended = events.find(
    ({ type, detail }) =>
      type === "rotation.step-intended" &&
      typeof detail["step"] === "string" &&
      detail["step"].startsWith("contain#"),
  );
  return Math.min(openedAt, intended?.at ?? openedAt);
};

interface Witnessed {
  /** When the last login began that still worked, and when the first one ended that did not. */
  readonly lastAlive: number;
  readonly firstRefused: number;
  /** SQLSTATE of that refusal. */
  readonly code: string;
}

/** Logs in again and again with the leaked value, as somebody would who found it. */
const watchUntilRefused = async (world: World, old: HeldValue): Promise<Witnessed> => {
  let lastAlive = 0;
  for (;;) {
    world.signal.throwIfAborted();
    const began = Date.now();
    const found = await logIn(old.url);
    if (found.answer === "alive") lastAlive = began;
    if (found.answer === "refused")
      return { lastAlive, firstRefused: Date.now(), code: found.code };
  }
};

interface Contained extends Witnessed {
  readonly detail: Awaited<ReturnType<typeof followCase>>["detail"];
  readonly credential: string;
  readonly version: number;
}

const claimContained = (
  { claims }: World,
  { detail, credential, version, lastAlive, firstRefused, code }: Contained,
): void => {
  const found = detail.versions.find(
    (one) => one.credential === credential && one.number === version,
  );
  const containedAt = found?.containedAt ?? Number.NaN;
  claims.equal("after the time of containment nobody got in", {
    expected: true,
    found: lastAlive <= containedAt,
    shown: `${code}, ${seconds(firstRefused - detail.case.occurredAt)} after the report`,
  });
};

export const claimClosed = (
  { claims }: Pick<World, "claims">,
  state: Contained["detail"]["case"]["state"],
  outcome = "proven-dead",
): void =>
  claims.equal("the case is closed", {
    expected: outcome,
    found: state.at === "closed" ? state.outcome : state.at,
  });

const claimPayments = async (
  { claims, payments }: World,
  { since, window }: { readonly since: number; readonly window: { from: number; until: number } },
): Promise<void> => {
  const all = startedBetween(paymentsIn(await payments.lines()), {
    from: since,
    until: Date.now(),
  });
  const { failedInContainment, failedOutsideContainment, ok } = countPayments(all, [window]);
  claims.equal("failed payments outside of the containment", {
    expected: 0,
    found: failedOutsideContainment,
    shown: `0; ${failedInContainment} in its ${seconds(window.until - window.from)}, ${ok} went through`,
  });
};
