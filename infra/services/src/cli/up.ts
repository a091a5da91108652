import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import {
  runningStack,
  StackFault,
  startTimeOf,
  waitFor,
  type Launched,
  type RunningStack,
} from "@rekey/stack";
import { ServicesFault } from "../fault.ts";
import { operationsPortOf, serviceKinds } from "../kinds.ts";
import { prepareServices } from "../prepare/prepare.ts";
import { besideOthers } from "../processes/beside-others.ts";
import { launchService, untilReady } from "../processes/launch-service.ts";
import { nameOf, type ServicePlan } from "../processes/plan.ts";
import { problemOf } from "../processes/readiness.ts";
import { isRunning, readState, writeState, type ServiceRecord } from "../processes/state.ts";
import type { ServicesContext } from "./context.ts";
import { stopRecorded } from "./down.ts";

interface UpOptions {
  readonly replicas: number;
  readonly stackFolder: string;
}

const answerMaxMs = 15_000;

/** Prepares the systems, and starts what does not run and answer yet. */
export const up = async (
  { replicas, stackFolder }: UpOptions,
  context: ServicesContext,
): Promise<void> => {
  const { folder, progress, environment } = context;
  const systems = await systemsOf(stackFolder);
  const { variables } = environment;
  const { configFile } = await prepareServices({
    folder,
    systems,
    variables,
    step: async (texts, work) => await progress.during(texts, work),
  });
  await requireSameConfig(configFile, context);
  const plans = plansOf(replicas, { configFile, folder, variables });
  const reused = await Promise.all(plans.map(async (plan) => await reuse(plan, context)));
  const missing = await besideOthers(
    plans.filter((_, index) => reused[index] !== true),
    progress,
  );
  const launched: (readonly [ServicePlan, Launched])[] = [];
  for (const plan of missing) launched.push([plan, await start(plan, context)]);
  await allOf(
    launched.map(async ([plan, one]) => {
      const texts = { doing: `starting ${nameOf(plan)}`, done: `${nameOf(plan)} is ready` };
      await progress.during(texts, async () => await untilReady(plan, one));
    }),
  );
};

const systemsOf = async (stackFolder: string): Promise<RunningStack> => {
  try {
    return await runningStack(stackFolder);
  } catch (cause) {
    if (!(cause instanceof StackFault)) throw cause;
    const text = `the systems that the services run on are not all there:\n${indented(cause.message)}\nstart them first: npx -y pnpm@10 stack up`;
    throw new ServicesFault("STACK_MISSING", text, { cause });
  }
};

const indented = (text: string): string => text.replaceAll(/^/gm, "  ");

/** All services share one configuration: with another one, those that run would not be of the same installation. */
const requireSameConfig = async (
  configFile: string,
  { folder }: ServicesContext,
): Promise<void> => {
  const configDigest = createHash("sha256")
    .update(await readFile(configFile))
    .digest("hex");
  const state = await readState(folder);
  const running = await Promise.all(state.services.map(isRunning));
  if (state.configDigest === configDigest || !running.includes(true))
    return await writeState(folder, { ...state, configFile, configDigest });
  throw new ServicesFault(
    "OTHER_CONFIGURATION",
    `services run on ${state.configFile} as it was before: npx -y pnpm@10 services down first`,
  );
};

const plansOf = (
  replicas: number,
  shared: Omit<ServicePlan, "kind" | "replica" | "port">,
): readonly ServicePlan[] =>
  serviceKinds.flatMap((kind) =>
    Array.from({ length: replicas }, (_, index) => ({
      ...shared,
      kind,
      replica: index + 1,
      port: operationsPortOf(kind, index + 1),
    })),
  );

/** True when it runs and can work. One that runs and cannot is stopped. */
const reuse = async (plan: ServicePlan, context: ServicesContext): Promise<boolean> => {
  const record = await recordOf(plan, context);
  if (record === undefined || !(await isRunning(record))) return false;
  const answered = await waitFor(
    async () => (await problemOf(record.port)) === undefined,
    answerMaxMs,
  );
  if (answered) context.progress.say(`  ✓ ${nameOf(plan)} runs already`);
  else await stopRecorded(record);
  return answered;
};

const recordOf = async (
  { kind, replica }: ServicePlan,
  { folder }: ServicesContext,
): Promise<ServiceRecord | undefined> =>
  (await readState(folder)).services.find((one) => one.kind === kind && one.replica === replica);

/** It is recorded as soon as it is a process, so that `down` finds it whatever happens next. */
const start = async (plan: ServicePlan, { folder }: ServicesContext): Promise<Launched> => {
  const launched = await launchService(plan, true);
  const { kind, replica, port } = plan;
  const { pid } = launched;
  const startTime = (await startTimeOf(pid)) ?? "";
  const state = await readState(folder);
  const others = state.services.filter((one) => one.kind !== kind || one.replica !== replica);
  const services = [...others, { kind, replica, port, pid, startTime }];
  await writeState(folder, { ...state, services });
  return launched;
};

/** Waits for all, and tells every failure. */
const allOf = async (works: readonly Promise<void>[]): Promise<void> => {
  const ended = await Promise.allSettled(works);
  const reasons = ended.flatMap((one) => (one.status === "rejected" ? [one.reason] : []));
  if (reasons.length === 0) return;
  const texts = reasons.map((reason: unknown) =>
    reason instanceof Error ? reason.message : String(reason),
  );
  throw new ServicesFault("START_FAILED", texts.join("\n\n"), { cause: reasons[0] });
};
