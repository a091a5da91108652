import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  prepareServices,
  rekeyCommand,
  startServices,
  targetDatabase,
  type ServiceProcess,
} from "@rekey/service-set";
import { ambientEnvironment } from "@rekey/stack";
import type { BareCalls } from "../children/bare-calls.ts";
import { startChild, type Child } from "../children/child.ts";
import type { EngineCalls } from "../children/engine-calls.ts";
import type { Sizes } from "../sizes.ts";
import { openPublisher, type Publisher } from "./alerts.ts";
import { ask, type Asking } from "./asking.ts";
import { groupOf, inventoryText, membersOf, type Family } from "./inventory.ts";
import { startSystems, type Systems } from "./systems.ts";

/** Everything that is measured, prepared and running. */
export interface World {
  readonly ledger: Asking;
  readonly publisher: Publisher;
  /** Services, which the caller stops. */
  services(options: ServicesWish): Promise<readonly ServiceProcess[]>;
  /** `nodeFlags`: beside those that every child is started with. */
  engine(nodeFlags?: readonly string[]): Promise<Child<EngineCalls>>;
  bare(): Promise<Child<BareCalls>>;
  close(): Promise<void>;
}

type ServicesWish = Pick<Parameters<typeof startServices>[0], "kinds" | "mainOf">;

/** Families of credentials by what is measured with them; the bare ones are known to no ledger. */
export const familiesOf = (sizes: Sizes) =>
  ({
    leaks: { name: "leaks", count: sizes.leakCredentials, consumed: false },
    plans: { name: "plans", count: sizes.rotationsPerRound, consumed: false },
    alerts: { name: "alerts", count: sizes.floodCredentials, consumed: true },
    idle: { name: "idle", count: sizes.memoryRotations, consumed: true },
    bare: {
      name: "bare",
      count: Math.max(sizes.rotationsPerRound, sizes.leakCredentials),
      consumed: false,
    },
  }) as const satisfies Record<string, Family>;

interface WorldOptions {
  readonly sizes: Sizes;
  readonly note: (text: string) => void;
  /** Where services, engine and bare leave CPU profiles when they end. */
  readonly profile?: string | undefined;
}

/** Parts of its own in a folder of its own; both are gone after `close`. */
export const openWorld = async ({ sizes, note, profile }: WorldOptions): Promise<World> => {
  const root = await mkdtemp(join(tmpdir(), "rekey-bench-"));
  const stops: (() => Promise<unknown>)[] = [
    async () => await rm(root, { recursive: true, force: true }),
  ];
  const close = async (): Promise<void> => {
    for (const stop of stops.splice(0).toReversed()) await stop().catch(() => undefined);
  };
  try {
    note("starting Kafka, Redis, Vault and two PostgreSQL servers");
    const systems = await startSystems(root);
    stops.push(async () => await systems.stop());
    note("preparing them as an operator does");
    const parts = await prepared(root, systems, sizes);
    stops.push(async () => await parts.ledger.close());
    const publisher = openPublisher(systems.kafka.brokers);
    stops.push(async () => await publisher.close());
    return worldOf({ ...parts, publisher, profile, stops, close });
  } catch (error) {
    await close();
    throw error;
  }
};

const { variables } = ambientEnvironment();

interface Parts {
  readonly folder: string;
  readonly configFile: string;
  readonly ledger: Asking;
}

interface WorldParts extends Parts, Pick<WorldOptions, "profile"> {
  readonly publisher: Publisher;
  readonly stops: (() => Promise<unknown>)[];
  readonly close: () => Promise<void>;
}

const worldOf = (parts: WorldParts): World => {
  const { folder, configFile, ledger, publisher, profile, stops, close } = parts;
  const profiling = profile === undefined ? [] : ["--cpu-prof", `--cpu-prof-dir=${profile}`];
  // Services are started by another room, which passes no flags of Node's.
  const serviceVariables =
    profile === undefined ? variables : { ...variables, NODE_OPTIONS: profiling.join(" ") };
  let starts = 0;
  const child = async <Calls>(
    main: string,
    flags: readonly string[] = [],
  ): Promise<Child<Calls>> => {
    const nodeFlags = ["--expose-gc", ...flags, ...profiling];
    const one = await startChild<Calls>({ main, words: [configFile], variables, nodeFlags });
    stops.push(async () => await one.stop());
    return one;
  };
  return {
    ledger,
    publisher,
    close,
    services: async (wish) => {
      // Logs of their own: what an earlier start told is not this one's.
      starts += 1;
      const own = join(folder, `start-${starts}`);
      const options = { configFile, folder: own, variables: serviceVariables, ...wish };
      const services = await startServices(options);
      stops.push(async () => await Promise.all(services.map(async (one) => await one.stop())));
      return services;
    },
    engine: async (nodeFlags) => await child<EngineCalls>("engine.main.ts", nodeFlags),
    bare: async () => await child<BareCalls>("bare.main.ts"),
  };
};

/** Groups at the target, and everything that Rekey knows declared and allowed to act. */
const prepared = async (root: string, systems: Systems, sizes: Sizes): Promise<Parts> => {
  const folder = join(root, "services");
  const { configFile } = await prepareServices({ folder, systems, variables });
  const families = familiesOf(sizes);
  await makeGroups(systems, Object.values(families).flatMap(membersOf));
  const { bare: _, ...known } = families;
  const inventory = join(folder, "inventory.yaml");
  await writeFile(inventory, inventoryText(Object.values(known)));
  const services = await startServices({ configFile, folder, variables, kinds: ["gateway"] });
  try {
    const at = ["--socket", services[0]?.socket ?? ""];
    await rekeyCommand([...at, "apply", "-f", inventory, "--yes"], { variables });
    const act = ["mode", "act", "--environment", "bench", "--reason", "is measured"];
    await rekeyCommand([...at, ...act], { variables });
  } finally {
    await Promise.all(services.map(async (service) => await service.stop()));
  }
  return { folder, configFile, ledger: await ask(systems.postgres, "rekey") };
};

const makeGroups = async (systems: Systems, credentials: readonly string[]): Promise<void> => {
  const target = await ask(systems.target, targetDatabase);
  try {
    const names = credentials.map(groupOf);
    await target.rows(names.map((name) => `create role ${name}`).join(";"));
    await target.rows(
      `grant ${names.join(", ")} to rekey_admin with admin true, inherit true, set true`,
    );
  } finally {
    await target.close();
  }
};
