import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { apiRoutes } from "@rekey/contracts";
import type { Secret } from "@rekey/secret";
import { createClaims, type Claims } from "./claims.ts";
import { countPayments, paymentsIn } from "./payments/attempts.ts";
import { writeAuditFile } from "./report/audit-file.ts";
import { searchForValues } from "./report/leaked-values.ts";
import { summaryCells, summaryColumns, plainSummary, type Summary } from "./report/summary.ts";
import { unseenVersions } from "./report/unseen-versions.ts";
import { allCredentials, control } from "./run/inventory.ts";
import { claimFolder } from "./run/claim-folder.ts";
import type { Layout } from "./run/layout.ts";
import { setUp, type Started } from "./run/setup.ts";
import { leftOver, removeBulk, serversOf, stopAll } from "./run/teardown.ts";
import { secretlintCommand } from "./scan/secretlint-command.ts";
import { deploymentScene } from "./scenes/deployment.ts";
import { duplicatesScene, findCopies } from "./scenes/duplicates.ts";
import { killsScene } from "./scenes/kills.ts";
import { leakScene } from "./scenes/leak.ts";
import { observedScene } from "./scenes/observed.ts";
import { offboardingScene } from "./scenes/offboarding.ts";
import { scheduledScene } from "./scenes/scheduled.ts";
import type { World } from "./scenes/world.ts";
import { logIn } from "./target/connect.ts";
import { orphansAmong } from "./target/witness.ts";
import type { Screen } from "./terminal/screen.ts";
import { seconds } from "./terminal/times.ts";

export interface DemoOptions {
  readonly layout: Layout;
  readonly screen: Screen;
  /** What the child processes get of the environment. */
  readonly environment: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  /** All that was written to the screen so far. */
  readonly said: () => string;
  /** Where the data file goes; absent: none. */
  readonly json: string | undefined;
  /** Keeps databases, keys and documents too. */
  readonly keep: boolean;
}

/** The whole demonstration. True only if every claim was verified; rejects when it could not be played to its end. */
export const runDemo = async (options: DemoOptions): Promise<boolean> => {
  const { layout, screen, keep } = options;
  const started: Started[] = [];
  const claims = createClaims(screen);
  const from = performance.now();
  screen.title(
    "Rekey: a leaked password, proven dead",
    "real PostgreSQL, a real scanner, real logins; nothing leaves this machine",
  );
  const claim = await claimFolder(layout);
  try {
    const { summary, values } = await play(options, { claims, started });
    await tearDown(options, { claims, started });
    await writeData(options, summary);
    await searchAll(options, { claims, values });
    await closing(options, { claims, summary, tookMs: performance.now() - from });
  } finally {
    await stopAll(started);
    if (!keep) await removeBulk(layout);
    await claim.release();
  }
  return claims.all.length > 0 && claims.all.every(({ ok }) => ok);
};

interface Run {
  readonly claims: Claims;
  readonly started: Started[];
}

interface Played {
  readonly summary: Summary;
  /** Every value that was read on the way. */
  readonly values: readonly Secret[];
}

const play = async (options: DemoOptions, { claims, started }: Run): Promise<Played> => {
  const { screen, layout, environment, signal } = options;
  screen.scene("", "Set up");
  const stage = await setUp({ ...options, onStarted: (one) => started.push(one) });
  const world: World = {
    ...stage,
    secretlint: secretlintCommand({ environment, signal }),
    layout,
    screen,
    claims,
    signal,
    rows: [],
    windows: [],
    doubled: [],
  };
  const leak = await leakScene(world, (old) => findCopies(world, old));
  await duplicatesScene(world, leak);
  await scheduledScene(world);
  await offboardingScene(world);
  await deploymentScene(world);
  await killsScene(world);
  await observedScene(world);
  return {
    summary: await lastChecks(world),
    values: world.keyring.seen().map(({ url }) => url),
  };
};

/** What must hold when everything is over: every payment explained, no role that is nobody's. */
const lastChecks = async (world: World): Promise<Summary> => {
  const { screen, claims, payments, target, keyring, windows, rows, doubled } = world;
  screen.scene("", "At the end");
  await payments.child.stop();
  const counts = countPayments(paymentsIn(await payments.lines()), windows);
  claims.equal("failed payments that no containment explains", {
    expected: 0,
    found: counts.failedOutsideContainment,
  });
  const recorded = await target.recordedPayments();
  claims.between("payments in the service's own table", recorded, {
    min: counts.ok,
    max: counts.ok + counts.failedInContainment,
  });
  const values = await Promise.all(allCredentials.map((one) => keyring.read(one)));
  const control = await keyring.readControl();
  const logins = await Promise.all(
    [...values, control].map(async (value) => value && (await logIn(value.url))),
  );
  const current = logins.flatMap((login) => (login?.answer === "alive" ? [login.role] : []));
  const orphans = orphansAmong(await target.witness.markedRoles(), new Set(current));
  claims.equal("orphan roles on the server", {
    expected: "none",
    found: orphans.join(", ") || "none",
  });
  claims.equal("sessions of roles that are gone", {
    expected: 0,
    found: await target.witness.namelessSessions(),
  });
  claims.equal("anything done twice", {
    expected: "nothing",
    found: doubled.join(", ") || "nothing",
  });
  await claimEveryValueRead(world);
  const { api, layout, signal } = world;
  const events = await writeAuditFile({ api, path: layout.audit, signal });
  claims.between("audit events written to the file", events, { min: 1, max: Infinity });
  return { rows, payments: counts, orphans, doubled };
};

/** The search below looks for what was read: nothing that was made may have gone unread. */
const claimEveryValueRead = async ({ api, claims, keyring, signal }: World): Promise<void> => {
  const names = [...allCredentials.map(({ id }) => id), control.credential];
  const views = await Promise.all(
    names.map(async (credential) => {
      return await api.call(apiRoutes.credentials.show, { params: { credential }, signal });
    }),
  );
  const made = views.flatMap(({ versions }) => versions);
  const unseen = unseenVersions(made, keyring.seen());
  claims.equal("values made and never read, to be searched for", {
    expected: "none",
    found: unseen.join(", ") || "none",
    shown: `${made.length} versions, all read`,
  });
};

const tearDown = async (
  { layout, screen }: DemoOptions,
  { claims, started }: Run,
): Promise<void> => {
  const servers = await serversOf(layout);
  await screen.progress("everything is stopped", () => stopAll(started));
  const { processes, ports } = await leftOver(started, servers);
  claims.equal("processes and ports left behind", {
    expected: "none",
    found: [...processes, ...ports.map((port) => `port ${port}`)].join(", ") || "none",
  });
};

/** Everything is written and nothing runs: now the files are read as somebody would who looks for passwords. */
const searchAll = async (
  { layout, screen, json, said }: DemoOptions,
  { claims, values }: { readonly claims: Claims; readonly values: readonly Secret[] },
): Promise<void> => {
  await writeFile(join(layout.logs, "screen.log"), said());
  const { places, sees } = await screen.progress("every file is searched for every password", () =>
    searchForValues(layout, { values, json }),
  );
  const found = places.join(", ") || "nowhere";
  claims.equal("passwords in any log, event or ledger file", {
    expected: "nowhere",
    found: sees ? found : "not even the one planted there",
    shown: `none of ${values.length}; one planted there was found`,
  });
};

/** Before the search, which reads it too. */
const writeData = async ({ json }: DemoOptions, summary: Summary): Promise<void> => {
  if (json === undefined) return;
  await mkdir(dirname(json), { recursive: true });
  await writeFile(json, `${JSON.stringify(plainSummary(summary), null, 2)}\n`);
};

interface Closing {
  readonly claims: Claims;
  readonly summary: Summary;
  readonly tookMs: number;
}

const closing = async (
  options: DemoOptions,
  { claims, summary, tookMs }: Closing,
): Promise<void> => {
  const { screen, layout } = options;
  const { paint } = screen;
  const { ok, failedInContainment, failedOutsideContainment } = summary.payments;
  const held = claims.all.filter((claim) => claim.ok).length;
  screen.blank();
  screen.table(summaryColumns, summaryCells(summary.rows, paint));
  screen.blank();
  screen.facts([
    [
      "payments",
      `${ok} went through, ${failedInContainment} failed in the containment, ${failedOutsideContainment} outside of it`,
    ],
    ["orphans, doubles", `${summary.orphans.length}, ${summary.doubled.length}`],
    [
      "claims",
      `${held} of ${claims.all.length} verified by logins and lists outside the engine, ${seconds(tookMs)} in all`,
    ],
    ["audit", relative(process.cwd(), layout.audit)],
    ["next", "npx -y pnpm@10 rekey up, then docs/ for your own database"],
  ]);
};
