import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { launch, requireFreePort, waitFor, type Launched } from "@rekey/stack";
import { ServicesFault } from "../fault.ts";
import { checkoutFile } from "../kinds.ts";
import { logFileOf, nameOf, variablesOf, wordsOf, type ServicePlan } from "./plan.ts";
import { problemOf } from "./readiness.ts";

// On a busy machine a process loads for half a minute.
const readyMaxMs = 2 * 60_000;
const shownLinesMax = 12;

/** Starts one service; its output goes to its log. Throws what `requireFreePort` and `launch` throw. */
export const launchService = async (plan: ServicePlan, outlives: boolean): Promise<Launched> => {
  const logFile = logFileOf(plan);
  await mkdir(dirname(logFile), { recursive: true, mode: 0o700 });
  await requireFreePort(plan.port, nameOf(plan));
  const program = { command: process.execPath, args: wordsOf(plan), variables: variablesOf(plan) };
  return await launch(program, { folder: checkoutFile("."), logFile, outlives });
};

/** Until it can work. Throws START_FAILED with the end of its log when it does not get there. */
export const untilReady = async (plan: ServicePlan, launched: Launched): Promise<void> => {
  let problem: string | undefined;
  const settled = await waitFor(async () => {
    if (launched.hasEnded()) return true;
    problem = await problemOf(plan.port);
    return problem === undefined;
  }, readyMaxMs);
  if (settled && !launched.hasEnded()) return;
  const what = launched.hasEnded()
    ? `ended at once with ${await launched.ended}`
    : `was not ready within ${readyMaxMs / 1_000} s (${problem})`;
  const said = (await launched.logged()).trimEnd().split("\n").slice(-shownLinesMax).join("\n");
  throw new ServicesFault("START_FAILED", `${nameOf(plan)} ${what}; it logged:\n${said}`);
};
