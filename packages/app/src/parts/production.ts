import { readFile } from "node:fs/promises";
import { assert, type Dispatcher, type Failpoint } from "@rekey/domain";
import { openRedisDispatcher, redisJudgements } from "@rekey/jobs";
import { openPostgresLedger } from "@rekey/ledger";
import {
  createSecretSources,
  newId,
  systemClock,
  type Environment,
  type Log,
  type Shutdown,
} from "@rekey/runtime";
import { build } from "../build.ts";
import type { ServiceConfig } from "../config/service.ts";
import { actingKinds, needsOf, type ProcessKind } from "../kinds/catalog.ts";
import { judgingTopics, openTopics } from "./kafka.ts";
import { fingerprinter } from "./keys.ts";
import type { OpenedParts, PartName } from "./opened.ts";
import { closeProviders, openProviders } from "./providers.ts";

export interface ProductionOptions {
  readonly kinds: readonly ProcessKind[];
  readonly config: ServiceConfig;
  readonly environment: Environment;
  readonly log: Log;
  readonly shutdown: Pick<Shutdown, "onStop">;
  readonly failpoint: Failpoint;
}

type Sources = ReturnType<typeof createSecretSources>;

/** What these process kinds need and nothing else; each part registers its own end. Sections are there: `missingSections` looked. */
export const openProductionParts = async (options: ProductionOptions): Promise<OpenedParts> => {
  const { config, kinds, log, shutdown, environment } = options;
  const needs = needsOf(kinds);
  const needsPart = (name: PartName): boolean => needs.has(name);
  const sources = createSecretSources({ environment, clock: systemClock });
  const providers = needsPart("providers") ? await providersFor(options, sources) : undefined;
  const topics = needsPart("topics") ? topicsFor(options, sources) : undefined;
  assert(config.ledger !== undefined, "a service without a ledger was not refused");
  const ledger = await openPostgresLedger({
    connection: sources(config.ledger.url),
    applicationName: `rekey-${kinds.length === 1 ? kinds[0] : "all"}-ledger`,
    max: config.ledger.connectionsMax,
    log,
    build,
    newId,
  });
  shutdown.onStop("ledger", async () => await ledger.close());
  const redis = needsPart("dispatcher") ? await redisPlace(options, sources) : undefined;
  const dispatcher = redis && (await dispatcherFor(options, redis));
  const pepper = needsPart("fingerprint") ? config.pepper : undefined;
  return {
    ledger,
    schema: async () => await ledger.schema(),
    ...(providers && { providers }),
    ...topics,
    ...(redis && dispatcher && { dispatcher, judgeDispatcher: judging(redis) }),
    ...(pepper && {
      fingerprint: fingerprinter({ id: pepper.id, key: await sources(pepper.key).read() }),
    }),
  };
};

const providersFor = async (
  { config, kinds, failpoint, shutdown }: ProductionOptions,
  sources: Sources,
): Promise<OpenedParts["providers"]> => {
  const acts = kinds.some((kind) => actingKinds.has(kind));
  const providers = await openProviders({ config, sources, clock: systemClock, failpoint, acts });
  shutdown.onStop("providers", async () => await closeProviders(providers));
  return providers;
};

const topicsFor = (
  { config, kinds, log, shutdown }: ProductionOptions,
  sources: Sources,
): Pick<OpenedParts, "topics" | "judgeTopics"> => {
  if (config.kafka === undefined) return {};
  const request = { section: config.kafka, config, kinds, sources, log };
  const topics = openTopics(request);
  shutdown.onStop("topics", async () => await topics.close());
  return { topics, judgeTopics: judgingTopics(request) };
};

type RedisPlace = Omit<Parameters<typeof openRedisDispatcher>[0], "log" | "pace">;

const redisPlace = async (
  { config: { redis } }: ProductionOptions,
  sources: Sources,
): Promise<RedisPlace | undefined> => {
  if (redis === undefined) return undefined;
  const { caFile, serverName } = redis;
  return {
    connection: sources(redis.url),
    prefix: redis.prefix,
    tls: {
      ...(caFile !== undefined && { ca: await readFile(caFile, "utf8") }),
      ...(serverName !== undefined && { serverName }),
    },
    clock: systemClock,
  };
};

const dispatcherFor = async (
  { log, shutdown }: ProductionOptions,
  place: RedisPlace,
): Promise<Dispatcher> => {
  const dispatcher = await openRedisDispatcher({ ...place, log });
  shutdown.onStop("jobs", async () => await dispatcher.close());
  return dispatcher;
};

const judging =
  (place: RedisPlace): NonNullable<OpenedParts["judgeDispatcher"]> =>
  async () =>
    await redisJudgements(place);
