import { mkdir } from "node:fs/promises";
import { topicNames } from "@rekey/contracts";
import type { Dispatcher, Failpoint, Fingerprinter, Ledger } from "@rekey/domain";
import { openPostgresDispatcher } from "@rekey/jobs";
import { openPostgresLedger } from "@rekey/ledger";
import {
  createSecretSources,
  newId,
  systemClock,
  type Environment,
  type Log,
  type Shutdown,
} from "@rekey/runtime";
import { openEmbeddedTopics, type EmbeddedTopics } from "@rekey/topics";
import { build } from "../build.ts";
import type { RekeyConfig } from "../config/embedded.ts";
import { keepDatabase, startDatabase } from "./database.ts";
import { intakeTopics } from "./incoming-topics.ts";
import { fingerprinter, keyFile } from "./keys.ts";
import type { Providers } from "./opened.ts";
import { closeProviders, openProviders } from "./providers.ts";

export interface EmbeddedOptions {
  readonly config: RekeyConfig;
  readonly dataDir: string;
  readonly environment: Environment;
  readonly log: Log;
  readonly shutdown: Shutdown;
  readonly failpoint: Failpoint;
}

/** Everything an embedded process has. */
interface EmbeddedParts {
  readonly ledger: Ledger;
  readonly topics: EmbeddedTopics;
  readonly dispatcher: Dispatcher;
  readonly providers: Providers;
  readonly fingerprint: Fingerprinter;
}

/** Providers first, as that finds every problem of the configuration; then the database and what reads it. Each registers its own end. */
export const openEmbeddedParts = async (options: EmbeddedOptions): Promise<EmbeddedParts> => {
  const { config, dataDir, log, shutdown, environment, failpoint } = options;
  const clock = systemClock;
  const sources = createSecretSources({ environment, clock });
  const providers = await openProviders({ config, sources, clock, failpoint });
  shutdown.onStop("providers", async () => await closeProviders(providers));
  await mkdir(dataDir, { recursive: true, mode: 0o755 });
  const pepper =
    config.pepper === undefined
      ? { id: "local", key: await keyFile(dataDir, "pepper.key") }
      : { id: config.pepper.id, key: await sources(config.pepper.key).read() };
  const { connection, server } = await startDatabase({ dataDir, port: config.postgresPort, log });
  keepDatabase({ server, log, shutdown });
  const names = [
    ...intakeTopics(config),
    topicNames.audit,
    topicNames.announcements,
    topicNames.quarantine,
  ];
  const topics = await openEmbeddedTopics({
    connection,
    log,
    clock,
    // The data directory is claimed exclusively.
    alone: true,
    topics: names.map((name) => ({ name })),
  });
  shutdown.onStop("topics", async () => await topics.close());
  const ledger = await openPostgresLedger({ connection, log, build, newId });
  shutdown.onStop("ledger", async () => await ledger.close());
  const dispatcher = await openPostgresDispatcher({ connection, log, clock });
  shutdown.onStop("jobs", async () => await dispatcher.close());
  return { ledger, topics, dispatcher, providers, fingerprint: fingerprinter(pepper) };
};
