import { userInfo } from "node:os";
import { join, resolve } from "node:path";
import type { Failpoint } from "@rekey/domain";
import type { Environment, Log, Shutdown } from "@rekey/runtime";
import type { RekeyConfig } from "./config/embedded.ts";
import { openDoor } from "./kinds/gateway.ts";
import { processKinds } from "./kinds/catalog.ts";
import { wireKinds, type RunningKinds } from "./kinds/start.ts";
import { observeHealth, serveOperations } from "./operations/observe.ts";
import { openEmbeddedParts } from "./parts/embedded.ts";
import { compareIdentity } from "./parts/identity.ts";
import { comparePepper } from "./parts/pepper.ts";

interface UpOptions {
  readonly config: RekeyConfig;
  readonly environment: Environment;
  readonly log: Log;
  readonly shutdown: Shutdown;
  readonly failpoint: Failpoint;
}

/** A running embedded Rekey: where to reach it. */
export interface RunningRekey {
  readonly socket: string;
  readonly operationsPort: number;
  readonly ended: Promise<unknown>;
}

/** Everything in one process on embedded parts: the database first, then what reads it, the gateway last. */
export const startRekey = async (options: UpOptions): Promise<RunningRekey> => {
  const { config, log, shutdown } = options;
  const dataDir = resolve(config.dataDir);
  const opened = await openEmbeddedParts({ ...options, dataDir });
  const running = wireKinds({ ...options, parts: opened, kinds: processKinds });
  await compareIdentity(opened.ledger, log);
  await comparePepper(opened, log);
  await endDeadHolds(running, log);
  const ended = running.start();
  const health = observeHealth({ ...running, ledger: running.parts.ledger, log });
  const operationsPort = await serveOperations({
    ledger: running.parts.ledger,
    running,
    issuers: Object.keys(config.issuers),
    health,
    host: "127.0.0.1",
    port: config.operationsPort,
    shutdown,
  });
  const socket = resolve(config.socket ?? join(dataDir, "rekey.sock"));
  await openDoor(
    { ...options, running, health, owner: userInfo().username },
    { socketPath: socket },
  );
  log.info("rekey is up", { port: operationsPort, pid: process.pid });
  return { socket, operationsPort, ended };
};

/** The data directory is claimed exclusively, so a hold of any other worker is a dead one's. */
const endDeadHolds = async ({ parts, worker }: RunningKinds, log: Log): Promise<void> => {
  const count = await parts.ledger.endForeignHolds({ worker });
  if (count > 0) log.warn("holds of a process that died were ended", { count });
};
