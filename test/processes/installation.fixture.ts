import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { apiRoutes } from "@rekey/contracts";
import { eventually } from "@rekey/testkit";
import { stringify } from "yaml";
import { openApi, type Api } from "./api.fixture.ts";
import { makeSealing, urlField, type Sealing } from "./connect.ts";
import { failpointVariable } from "./failpoint.fixture.ts";
import { spawnRekey, type RekeyProcess } from "./rekey-process.fixture.ts";

/** One data directory, configuration and store on disk: `rekey up` is started on it again and again. */
export interface Installation {
  readonly folder: string;
  readonly dataDir: string;
  readonly configFile: string;
  readonly failpoint: string;
  readonly api: Api;
  readonly sealing: Sealing;
  /** Every process that was started, the last one last. */
  readonly processes: readonly RekeyProcess[];
  /** Starts it and does not wait. */
  spawn(): RekeyProcess;
  /** Starts it and waits until its gateway says that it is ready. */
  start(): Promise<RekeyProcess>;
  /** Writes rekey.yaml again, with changes to its top level. */
  configure(changes: Readonly<Record<string, unknown>>): Promise<void>;
  /** The connection string of Rekey's own role, read at the next start. */
  useAdmin(url: string): Promise<void>;
  /** Ends what still runs and removes the folder. */
  close(): Promise<void>;
}

export const controlGroup = "rekey_control";
const issuer = "payments-postgres";
/** Rekey names it by itself; it is what a proof without successor logs in with. */
export const controlCredential = `control-${issuer}`;
const store = "documents";
const urlTemplate = "postgres://{username}:{secret}@{host}:{port}/{database}";
const readyMsMax = 120_000;
const stopMsMax = 20_000;

/** What an installation needs to know of its target. */
export interface Provider {
  readonly port: number;
  readonly adminUrl: string;
}

export const openInstallation = async (
  target: Provider,
  changes: Readonly<Record<string, unknown>> = {},
): Promise<Installation> => {
  const folder = await mkdtemp(join(tmpdir(), "rekey-up-"));
  // Started by root, the database server runs as another user who must be able to pass.
  await chmod(folder, 0o755);
  const at = (name: string): string => join(folder, name);
  const [dataDir, configFile, failpoint] = [at("rekey"), at("rekey.yaml"), at("failpoint")];
  await mkdir(at("documents"), { mode: 0o755 });
  const sealing = await makeSealing(folder, at("documents"));
  const useAdmin = async (url: string): Promise<void> =>
    await writeFile(at("admin.dsn"), url, { mode: 0o600 });
  await useAdmin(target.adminUrl);
  const api = openApi(join(dataDir, "rekey.sock"));
  const processes: RekeyProcess[] = [];
  const base = configOf({ folder, dataDir, sealing, port: target.port });
  const configure: Installation["configure"] = async (more) =>
    await writeFile(
      configFile,
      stringify({ ...base, ...changes, ...more }, { aliasDuplicateObjects: false }),
    );
  await configure({});
  const spawn = (): RekeyProcess => {
    const started = spawnRekey({ configFile, environment: { [failpointVariable]: failpoint } });
    processes.push(started);
    return started;
  };
  return {
    folder,
    dataDir,
    configFile,
    failpoint,
    api,
    sealing,
    processes,
    spawn,
    configure,
    useAdmin,
    start: async () => {
      const started = spawn();
      await ready(api, started);
      return started;
    },
    close: async () => {
      await Promise.all(processes.map(end));
      await rm(folder, { recursive: true, force: true });
    },
  };
};

interface ConfigOptions {
  readonly folder: string;
  readonly dataDir: string;
  readonly sealing: Sealing;
  readonly port: number;
}

const configOf = ({ folder, dataDir, sealing, port }: ConfigOptions) => ({
  dataDir,
  issuers: {
    [issuer]: {
      kind: "postgres-role",
      options: {
        admin: `file:${join(folder, "admin.dsn")}`,
        endpoints: [{ name: "primary", host: "127.0.0.1", port }],
      },
      control: {
        settings: { group: controlGroup, database: "postgres" },
        store: { store, document: controlCredential, fields: { [urlField]: urlTemplate } },
      },
    },
  },
  stores: {
    [store]: {
      kind: "sealed-file",
      options: { root: join(folder, "documents"), identities: [`file:${sealing.keyFile}`] },
    },
  },
  producers: { scanner: { format: "native", trusted: true } },
});

/** Waits until the gateway answers that everything works; throws as soon as the process ended instead. */
const ready = async (api: Api, started: RekeyProcess): Promise<void> => {
  const answered = eventually(
    async () => !started.isRunning() || (await api.ask(apiRoutes.health.ready)).ready,
    { withinMs: readyMsMax, everyMs: 50 },
  );
  await Promise.race([answered, started.ended]);
  if (started.isRunning()) return await answered.then(() => undefined);
  const { stdout, stderr } = started.output();
  throw new Error(`rekey up ended with ${await started.ended}:\n${stdout}\n${stderr}`);
};

const end = async (started: RekeyProcess): Promise<void> => {
  if (started.isRunning()) started.signal("SIGTERM");
  const late = setTimeout(() => started.signal("SIGKILL"), stopMsMax);
  await started.ended.finally(() => clearTimeout(late));
};

/** A declared login role of one group; observed, acted on and rotated like any other. */
export const inventoryOf = (credentials: readonly { id: string; group: string }[]) => ({
  identities: [
    { id: "team", kind: "person" },
    { id: "payments", kind: "service", owner: "team" },
  ],
  policies: [{ name: "quick", grace: "1 m", reversibleFor: "0 s", onExposure: "contain-first" }],
  credentials: credentials.map(({ id, group }) => ({
    id,
    identity: "payments",
    owner: "team",
    purpose: "a test of whole processes",
    environment: "production",
    issuer: { instance: issuer, settings: { group, database: "postgres" } },
    store: { store, document: id, fields: { [urlField]: urlTemplate } },
    consumers: [],
    policy: "quick",
    exclusive: true,
  })),
});
