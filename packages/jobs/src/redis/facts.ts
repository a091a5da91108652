import type { Clock } from "@rekey/domain";
import { answerMs } from "../pace.ts";
import { withinOrFault } from "../within.ts";
import { endClient, openClient, firstAttempt } from "./clients.ts";
import type { RedisClient, RedisPlace } from "./clients.ts";

/** What a Redis server says of itself; undefined where it does not tell. */
export interface RedisFacts {
  readonly version?: string;
  /** `master` or `slave`, as Redis calls them. */
  readonly role?: string;
  readonly cluster?: boolean;
  /** Anything but `noeviction` deletes hints when memory is short. */
  readonly evictionPolicy?: string;
  readonly usedBytes?: number;
  /** 0 = no limit. */
  readonly bytesMax?: number;
  readonly appendOnly?: boolean;
  /** `always`, `everysec` or `no`; a managed Redis may hide it. */
  readonly fsync?: string;
}

// Leaves time for the answers.
const connectMs = answerMs / 2;

/** Asks on a connection of its own. Rejects with JOBS_UNREACHABLE within 2 s. */
export async function redisFacts(
  options: RedisPlace & { readonly clock: Clock },
): Promise<RedisFacts> {
  const { clock } = options;
  const client = await openClient(options, "invite");
  try {
    return await withinOrFault(clock, answerMs, ask(clock, client));
  } finally {
    endClient(client.redis);
  }
}

async function ask(clock: Clock, client: RedisClient): Promise<RedisFacts> {
  const { redis } = client;
  await firstAttempt(clock, connectMs, redis);
  try {
    const info = await redis.info();
    // A managed Redis may refuse CONFIG.
    return factsOf(info, await redis.config("GET", "appendfsync").catch(() => undefined));
  } catch (error) {
    throw client.faultOf(error);
  }
}

/** Pure: from the text of INFO and the answer of CONFIG GET appendfsync. */
export function factsOf(info: string, fsync?: unknown): RedisFacts {
  const said = new Map(info.split("\r\n").map((line) => pairOf(line)));
  return {
    ...optional("version", said.get("redis_version")),
    ...optional("role", said.get("role")),
    ...optional("cluster", flag(said.get("cluster_enabled"))),
    ...optional("evictionPolicy", said.get("maxmemory_policy")),
    ...optional("usedBytes", whole(said.get("used_memory"))),
    ...optional("bytesMax", whole(said.get("maxmemory"))),
    ...optional("appendOnly", flag(said.get("aof_enabled"))),
    ...optional("fsync", Array.isArray(fsync) ? textOf(fsync[1]) : undefined),
  };
}

function pairOf(line: string): readonly [string, string] {
  const [name = "", ...value] = line.split(":");
  return [name, value.join(":")];
}

const optional = <Name extends keyof RedisFacts>(
  name: Name,
  value: RedisFacts[Name] | undefined,
): Pick<RedisFacts, Name> | object => (value === undefined ? {} : { [name]: value });

const flag = (text: string | undefined): boolean | undefined =>
  text === undefined ? undefined : text === "1";

const whole = (text: string | undefined): number | undefined =>
  text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;

const textOf = (value: unknown): string | undefined =>
  typeof value === "string" ? value : undefined;
