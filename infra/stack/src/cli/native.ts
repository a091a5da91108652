import { join } from "node:path";
import type { Environment } from "../environment.ts";
import { startSecuredKafka } from "../kafka/secured.ts";
import { startKafka } from "../kafka/start.ts";
import { locate } from "../install/locate.ts";
import { startTimeOf } from "../process/identity.ts";
import type { OnLaunch } from "../process/part.ts";
import { startPostgres } from "../postgres/start.ts";
import { startRedis } from "../redis/start.ts";
import { startVault } from "../vault/start.ts";
import { versions } from "../versions.ts";
import { folderOf, type StackContext } from "./context.ts";
import { stopRecorded } from "./down.ts";
import type { StackPart } from "./parts.ts";
import { requireAnswer } from "./probe.ts";

/** Starts a part that goes on when this process ends. It is recorded as soon as it is a process. */
export const startNative = async (part: StackPart, context: StackContext): Promise<void> => {
  const { environment, state, ports } = context;
  const shape = {
    part,
    how: "native",
    port: ports[part],
    sasl: part === "kafka" && context.sasl,
  } as const;
  const onLaunch: OnLaunch = async (pid) => {
    const startTime = await startTimeOf(pid);
    if (startTime === undefined) return;
    const version = nativeVersion(part, context);
    await state.put({ ...shape, version, process: { pid, startTime } });
  };
  const launch = { folder: folderOf(context, shape), port: ports[part], onLaunch, environment };
  try {
    await starters[part](launch, context);
    await requireAnswer({ ...shape, version: nativeVersion(part, context) }, context);
  } catch (error) {
    const record = state.find(part);
    if (record !== undefined) await stopRecorded(record, context);
    throw error;
  }
};

const nativeVersion = (part: StackPart, { environment }: StackContext): string =>
  part === "postgres" || part === "target"
    ? versions.postgres
    : (locate(part, environment)?.version ?? "");

interface Launch {
  readonly folder: string;
  readonly port: number;
  readonly onLaunch: OnLaunch;
  readonly environment: Environment;
}

type Starter = (launch: Launch, context: StackContext) => Promise<unknown>;

const postgres =
  (name: "postgres" | "target"): Starter =>
  (launch, context) =>
    startPostgres({ ...launch, name, programsDir: join(context.folder, "postgres-programs") });

const starters: Readonly<Record<StackPart, Starter>> = {
  kafka: async (launch, { sasl }) => {
    const controllerPort = launch.port + 1;
    const start = sasl ? startSecuredKafka : startKafka;
    await start({ ...launch, controllerPort });
  },
  redis: (launch) => startRedis(launch),
  vault: (launch) => startVault({ ...launch, clusterPort: launch.port + 1, storage: "raft" }),
  postgres: postgres("postgres"),
  target: postgres("target"),
};
