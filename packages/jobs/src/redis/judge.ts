import type { Clock } from "@rekey/domain";
import { Fault } from "@rekey/domain";
import type { RedisPlace } from "./clients.ts";
import { redisFacts } from "./facts.ts";
import type { RedisFacts } from "./facts.ts";

/** One setting of the server, judged, for `doctor`. */
export interface RedisJudgement {
  readonly name: string;
  readonly ok: boolean;
  readonly found: string;
  /** What a person does about it, where it is not as it should be. */
  readonly next?: string;
}

/** Asks the server and judges its settings; nothing where it does not answer, which `check` says already. */
export async function redisJudgements(
  options: RedisPlace & { readonly clock: Clock },
): Promise<readonly RedisJudgement[]> {
  try {
    return judgeRedis(await redisFacts(options));
  } catch (error) {
    if (error instanceof Fault) return [];
    throw error;
  }
}

/** Pure. Losing all of Redis loses nothing; these settings decide how often that costs time. */
export const judgeRedis = (facts: RedisFacts): readonly RedisJudgement[] => [
  judgeVersion(facts),
  judgePlace(facts),
  judgeEviction(facts),
  judgeMemory(facts),
  judgeFile(facts),
];

const majorMin = 7;
const usedShareMax = 0.8;

const judgement = (
  name: string,
  found: string | undefined,
  { ok, next }: { readonly ok: boolean; readonly next: string },
): RedisJudgement => ({
  name: `redis ${name}`,
  ok,
  found: found ?? "it does not tell",
  ...(!ok && { next }),
});

const judgeVersion = ({ version }: RedisFacts): RedisJudgement =>
  judgement("version", version, {
    ok: Number.parseInt(version ?? "", 10) >= majorMin,
    next: `run Redis ${majorMin} or newer: nothing older is tested`,
  });

function judgePlace({ role, cluster }: RedisFacts): RedisJudgement {
  const found =
    role && `${role === "master" ? "primary" : "replica"}${cluster ? " of a cluster" : ""}`;
  const next = cluster
    ? "use a Redis without cluster mode: one primary serves every lane, Rekey follows no redirections"
    : "connect to the primary: a replica takes no hints";
  return judgement("place", found, { ok: role === "master" && cluster !== true, next });
}

const judgeEviction = ({ evictionPolicy }: RedisFacts): RedisJudgement =>
  judgement("eviction", evictionPolicy, {
    ok: evictionPolicy === "noeviction",
    next: "set maxmemory-policy noeviction: any other deletes hints when memory is short",
  });

function judgeMemory({ usedBytes, bytesMax }: RedisFacts): RedisJudgement {
  const known = usedBytes !== undefined && bytesMax !== undefined;
  const found = known
    ? `${mebibytes(usedBytes)} of ${bytesMax === 0 ? "no limit" : mebibytes(bytesMax)}`
    : undefined;
  const ok = known && (bytesMax === 0 || usedBytes <= bytesMax * usedShareMax);
  return judgement("memory", found, {
    ok,
    next: "raise maxmemory, or move what else is in this Redis: when it is full no hint is taken",
  });
}

function judgeFile({ appendOnly, fsync }: RedisFacts): RedisJudgement {
  if (appendOnly !== true) {
    const next = "set appendonly yes: without it a restart forgets every hint";
    const found = appendOnly === undefined ? undefined : "appendonly no";
    return judgement("append-only file", found, { ok: false, next });
  }
  const found = `appendonly yes, appendfsync ${fsync ?? "it does not tell"}`;
  return judgement("append-only file", found, {
    // A managed Redis that hides it has chosen it.
    ok: fsync !== "no",
    next: "set appendfsync everysec: otherwise a crash forgets what the system had not written yet",
  });
}

const mebibytes = (bytes: number): string => `${Math.ceil(bytes / 1_048_576)} MiB`;
