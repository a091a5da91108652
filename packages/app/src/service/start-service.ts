import { userInfo } from "node:os";
import { resolve } from "node:path";
import type { ListenAt } from "@rekey/gateway";
import { createSecretSources, systemClock, type Shutdown } from "@rekey/runtime";
import { openDoor } from "../kinds/gateway.ts";
import { wireKinds } from "../kinds/start.ts";
import { observeHealth, serveOperations } from "../operations/observe.ts";
import { compareIdentity } from "../parts/identity.ts";
import { comparePepper } from "../parts/pepper.ts";
import { openProductionParts, type ProductionOptions } from "../parts/production.ts";
import { requireSchema } from "../parts/schema.ts";

interface ServiceOptions extends ProductionOptions {
  readonly shutdown: Shutdown;
}

/** A running service: where its health is. */
export interface RunningService {
  readonly operationsPort: number;
  readonly ended: Promise<unknown>;
}

/** Some process kinds on production parts: the parts first, then loops and health, the gateway's door last. */
export const startService = async (options: ServiceOptions): Promise<RunningService> => {
  const { config, kinds, log, shutdown } = options;
  const opened = await openProductionParts(options);
  const running = wireKinds({ ...options, parts: opened });
  await requireSchema(opened, log);
  await compareIdentity(opened.ledger, log);
  await comparePepper(opened, log);
  const ended = running.start();
  const onlyRelays = kinds.every((kind) => kind === "relay");
  const health = observeHealth({
    ...running,
    ledger: opened.ledger,
    log,
    ...(onlyRelays && opened.topics && { sink: opened.topics.sink }),
  });
  const operationsPort = await serveOperations({
    ledger: opened.ledger,
    running,
    issuers: Object.keys(config.issuers),
    health,
    ...config.operations,
    shutdown,
  });
  if (kinds.includes("gateway")) await openDoors(options, { running, health });
  log.info("service is up", {
    processKind: kinds.join(","),
    port: operationsPort,
    pid: process.pid,
  });
  return { operationsPort, ended };
};

type Running = Pick<Parameters<typeof openDoor>[0], "running" | "health">;

const openDoors = async (options: ServiceOptions, running: Running): Promise<void> => {
  const { config, log, shutdown } = options;
  const door = { ...running, config, log, shutdown, owner: userInfo().username };
  await openDoor(door, listenAt(options));
};

const listenAt = ({ config: { gateway }, environment }: ServiceOptions): ListenAt => ({
  ...(gateway?.socket !== undefined && { socketPath: resolve(gateway.socket) }),
  ...(gateway?.tcp !== undefined && {
    network: {
      tcp: gateway.tcp,
      jwt: gateway.jwt,
      mtls: gateway.mtls,
      secretSource: createSecretSources({ environment, clock: systemClock }),
    },
  }),
});
