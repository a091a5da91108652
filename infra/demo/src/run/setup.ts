import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { apiRoutes } from "@rekey/contracts";
import { startTarget, targetDatabase, type TargetServer } from "../target/target-server.ts";
import type { Screen } from "../terminal/screen.ts";
import { applyInventory } from "./apply-inventory.ts";
import { openGatewayApi, type GatewayApi } from "./gateway-api.ts";
import { allCredentials, configText, credentials, groups } from "./inventory.ts";
import { makeKeyring, type Keyring } from "./keyring.ts";
import type { Layout } from "./layout.ts";
import { startPaymentsProcess, type PaymentsProcess } from "./payments-process.ts";
import { rekeyCommand, type RekeyCommand } from "./rekey-command.ts";
import { rekeyProcess, type RekeyProcess } from "./rekey-process.ts";
import { until } from "./until.ts";

export interface SetupOptions {
  readonly layout: Layout;
  readonly screen: Screen;
  readonly environment: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  /** Called with everything that was started, so that it is stopped whatever comes next. */
  readonly onStarted: (started: Started) => void;
}

/** Something that runs until it is stopped. */
export interface Started {
  readonly name: string;
  readonly pids: () => readonly number[];
  stop(): Promise<void>;
}

export interface Stage {
  readonly target: TargetServer;
  readonly keyring: Keyring;
  readonly api: GatewayApi;
  readonly rekey: RekeyCommand;
  readonly up: RekeyProcess;
  readonly payments: PaymentsProcess;
}

const mintedMsMax = 120_000;

/** Both servers, `rekey up`, the inventory, a first version of everything, and the service. */
export const setUp = async (options: SetupOptions): Promise<Stage> => {
  const { layout, screen, environment, signal, onStarted } = options;
  const keyring = await makeKeyring(layout.keys, layout.documents);
  const api = openGatewayApi(layout.socket);
  const rekey = rekeyCommand({
    socket: layout.socket,
    log: join(layout.logs, "rekey-commands.log"),
    environment,
    signal,
  });
  const up = rekeyProcess({ layout, environment, api, signal });
  const target = await screen.progress("two PostgreSQL 18 servers and rekey up start", async () => {
    const server = await openTarget(options);
    await writeFile(layout.config, configOf(options, { target: server, keyring }));
    up.start();
    onStarted({ name: "rekey up", pids: () => [up.child().pid], stop: () => up.stop() });
    await up.ready();
    return server;
  });
  screen.event("rekey up runs", "ledger and BullMQ on an embedded PostgreSQL 18");
  await applyInventory({ layout, keyring, rekey });
  screen.event("the inventory is applied", `${allCredentials.length} credentials, all in observe`);
  await screen.progress("first versions are made", () => mintAll({ keyring, rekey, api, signal }));
  screen.event(`${allCredentials.length} credentials have a first version`, "production may act");
  const payments = await screen.progress("the payment service starts", () =>
    startPaymentsProcess({ layout, keyring, environment, signal }),
  );
  const { child } = payments;
  onStarted({ name: child.name, pids: () => [child.pid], stop: () => child.stop() });
  screen.event("payments-api takes payments", "20 a second, each tried once, never again");
  return { target, keyring, api, rekey, up, payments };
};

const openTarget = async ({ layout, onStarted, screen }: SetupOptions): Promise<TargetServer> => {
  const target = await startTarget({
    folder: layout.target,
    programsDir: layout.programs,
    logFile: join(layout.logs, "target.log"),
    groups,
  });
  onStarted({ name: "target", pids: () => [target.pid], stop: () => target.stop() });
  screen.event("a PostgreSQL 18 as the target", `port ${target.port}`);
  return target;
};

const configOf = (
  { layout }: SetupOptions,
  { target, keyring }: Pick<Stage, "target" | "keyring">,
): string =>
  configText({
    layout,
    port: target.port,
    database: targetDatabase,
    adminFile: target.adminFile,
    storeKey: keyring.storeKey,
  });

type Minting = Pick<Stage, "keyring" | "rekey" | "api"> & { readonly signal: AbortSignal };

/** Both environments act for the first versions; then staging is only observed again. */
const mintAll = async (minting: Minting): Promise<void> => {
  const { rekey, keyring, signal } = minting;
  await setMode(rekey, "act", "production");
  await setMode(rekey, "act", "staging");
  await askForVersions(minting);
  const isMinted = async (): Promise<true | undefined> => {
    const values = await Promise.all(allCredentials.map((one) => keyring.read(one)));
    return values.every((value) => value !== undefined) && (await isQuiet(minting))
      ? true
      : undefined;
  };
  await until({ what: "first versions", withinMs: mintedMsMax, signal }, isMinted);
  await setMode(rekey, "observe", "staging");
};

const setMode = async (rekey: RekeyCommand, mode: string, environment: string): Promise<void> => {
  const why = "set by the demonstration";
  await rekey.run(["mode", mode, "--environment", environment, "--reason", why]);
};

/** One by the command line, the others by the API that it uses: a process each would take seconds. */
const askForVersions = async ({ rekey, api, signal }: Minting): Promise<void> => {
  const reason = "the first version";
  await rekey.run(["rotate", credentials.payments.id, "--reason", reason]);
  const others = allCredentials.filter(({ id }) => id !== credentials.payments.id);
  for (const { id } of others)
    await api.call(apiRoutes.credentials.rotate, {
      params: { credential: id },
      body: { reason },
      signal,
    });
};

/** No case is open any more: every first version is attested. */
const isQuiet = async ({ api, signal }: Minting): Promise<boolean> => {
  const { cases } = await api.call(apiRoutes.cases.list, { query: { open: "true" }, signal });
  return cases.length === 0;
};
