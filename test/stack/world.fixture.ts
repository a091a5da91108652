import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { generateConsumerKeys } from "@rekey/consumer";
import { startSystems, type StartedSystems } from "@rekey/service-set";
import type { Api } from "../processes/api.fixture.ts";
import { actsOf, type Acts } from "./acts.fixture.ts";
import { openReplicatedApi } from "./api.fixture.ts";
import { textOf } from "./connect.ts";
import {
  prepareInstallation,
  startInstallation,
  type Installation,
} from "./installation.fixture.ts";
import type { StackCredential } from "./inventory.fixture.ts";
import { openForeignKafka, type ForeignKafka } from "./kafka.fixture.ts";
import { warningsOf } from "./said.fixture.ts";
import { addGroups, startTarget, type Target } from "./target.fixture.ts";
import { witnessOf, type VaultWitness } from "./vault.fixture.ts";

/** The five services on Kafka, Redis, Vault and two PostgreSQL servers of a test's own. */
export interface World {
  readonly folder: string;
  readonly started: StartedSystems;
  readonly target: Target;
  readonly vault: VaultWitness;
  readonly kafka: ForeignKafka;
  readonly installation: Installation;
  readonly api: Api;
  readonly acts: Acts;
  /** Of the one consumer that signs. */
  readonly signingKey: string;
  /** Ends everything by pid; safe after a start that failed half-way. */
  close(): Promise<void>;
}

export interface WorldOptions {
  readonly credentials: readonly StackCredential[];
  /** Replaces or adds sections of rekey.yaml. */
  readonly changes?: Readonly<Record<string, unknown>>;
  /** Replaces or adds rules of every policy. */
  readonly rules?: Readonly<Record<string, unknown>>;
  /** Of Kafka; a single one by default. */
  readonly brokers?: number;
  /** Of each service; two by default. */
  readonly replicas?: number;
}

/** Started, declared, allowed to act in production, and each credential with its first version. */
export const openWorld = async (options: WorldOptions): Promise<World> => {
  const { credentials, changes, rules = {}, brokers = 1, replicas } = options;
  const folder = await mkdtemp(join(tmpdir(), "rekey-stack-"));
  const endings: (() => Promise<void>)[] = [
    async () => await rm(folder, { recursive: true, force: true }),
  ];
  const close = async (): Promise<void> => {
    const ended = [];
    for (const end of endings.splice(0).toReversed())
      ended.push(...(await Promise.allSettled([end()])));
    const failed = ended.find((one) => one.status === "rejected");
    if (failed !== undefined) throw failed.reason;
  };
  try {
    const started = await startSystems({ folder, brokers });
    endings.push(async () => await started.stop());
    const target = await startTarget(folder);
    endings.push(async () => await target.server.stop());
    const place = join(folder, "services");
    await mkdir(place, { recursive: true });
    const configFile = await prepareInstallation({
      folder: place,
      started,
      target,
      ...(changes && { changes }),
    });
    const vault = witnessOf(started.vault);
    await addProviders(credentials, { target, vault });
    const installation = await startInstallation(place, configFile, replicas);
    endings.push(async () => await installation.stop());
    const kafka = await openForeignKafka(started.systems.kafka.brokers);
    endings.push(async () => await kafka.close());
    const api = openReplicatedApi(installation.sockets);
    const keys = await generateConsumerKeys();
    const signingKeys = new Map([["payments-api", publicKeyOf(keys.signing.publicJwk)]]);
    const acts = actsOf({ api, vault, credentials, signingKeys, rules });
    await mintAll(acts, credentials).catch(async (error: unknown) => {
      throw new Error(`nothing was minted:\n${await warningsOf(installation)}`, { cause: error });
    });
    const signingKey = textOf(keys.signing.privateJwk);
    return { folder, started, target, vault, kafka, installation, api, acts, signingKey, close };
  } catch (error) {
    await close();
    throw error;
  }
};

const publicKeyOf = ({ kty, crv, x }: Readonly<Record<string, unknown>>) => ({ kty, crv, x });

/** Group roles and AppRoles that the inventory names and the preparation has not made. */
const addProviders = async (
  credentials: readonly StackCredential[],
  { target, vault }: Pick<World, "target" | "vault">,
): Promise<void> => {
  const groups = credentials.flatMap(({ made }) => ("group" in made ? [made.group] : []));
  await addGroups(
    target,
    groups.filter((group) => group !== "payments_app"),
  );
  for (const { made } of credentials) {
    if (!("role" in made) || made.role === "payments") continue;
    const settings = { token_policies: ["payments"], token_ttl: "1h" };
    await vault.write(`auth/approle/role/${made.role}`, settings);
  }
};

const firstVersionMs = 180_000;

const mintAll = async (acts: Acts, credentials: readonly StackCredential[]): Promise<void> => {
  await acts.apply();
  for (const environment of new Set(credentials.map((one) => one.environment)))
    await acts.mode(environment, "act");
  for (const credential of credentials) await acts.wish(credential);
  await acts.settled(firstVersionMs);
  for (const credential of credentials) await acts.valueOf(credential, 1, firstVersionMs);
};
