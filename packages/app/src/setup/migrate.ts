import { grantLedger, migrateLedger } from "@rekey/ledger";
import {
  clientConfig,
  ConfigFault,
  createSecretSources,
  loadConfig,
  plaintextProblem,
  silentLog,
  systemClock,
  type Environment,
  type SecretSource,
} from "@rekey/runtime";
import { serviceConfig } from "../config/service.ts";

export interface SetupRequest {
  readonly configFile?: string;
  readonly environment: Environment;
}

/** What a migration did. */
export interface Migrated {
  /** Names of the migrations that ran now; none when the schema was there. */
  readonly migrations: readonly string[];
  /** The role that services log in as, where it is not the owner. */
  readonly grantedTo?: string;
}

/**
 * Brings the ledger's schema forward to this build, and lets the services' role use it and nothing more. Safe to
 * repeat, and safe while older services run. Throws ConfigFault, or LEDGER_UNREACHABLE.
 */
export const migrateServices = async ({
  configFile,
  environment,
}: SetupRequest): Promise<Migrated> => {
  const { ledger } = await loadConfig({
    schema: serviceConfig,
    environment,
    ...(configFile !== undefined && { file: configFile }),
  });
  if (ledger === undefined)
    throw new ConfigFault([{ path: "ledger", text: "is missing: there is nothing to migrate" }]);
  const sources = createSecretSources({ environment, clock: systemClock });
  const services = sources(ledger.url);
  const owner = ledger.owner === undefined ? services : sources(ledger.owner);
  await refusePlaintext({ "ledger.url": services, "ledger.owner": owner });
  const log = silentLog;
  const migrations = await migrateLedger({ connection: owner, log });
  const [{ user: role }, { user: ownerRole }] = [
    await clientConfig(services),
    await clientConfig(owner),
  ];
  if (role === undefined || role === ownerRole) return { migrations };
  await grantLedger({ connection: owner, role, log });
  return { migrations, grantedTo: role };
};

/** Nothing is sent to another machine in the clear, unasked. */
const refusePlaintext = async (urls: Readonly<Record<string, SecretSource>>): Promise<void> => {
  const found = await Promise.all(
    Object.entries(urls).map(async ([path, url]) => ({ path, text: await plaintextProblem(url) })),
  );
  const problems = found.flatMap(({ path, text }) => (text === undefined ? [] : [{ path, text }]));
  if (problems.length > 0) throw new ConfigFault(problems);
};
