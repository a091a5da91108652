import { randomUUID } from "node:crypto";
import type { Clock, Dispatcher } from "@rekey/domain";
import { assert } from "@rekey/domain";
import type { Log } from "@rekey/runtime";
import { createDispatcher } from "../bullmq/dispatcher.ts";
import { answerMs, jobsPaceDefault } from "../pace.ts";
import type { JobsPace } from "../pace.ts";
import { redisBackend } from "./backend.ts";
import { openClient, firstAttempt } from "./clients.ts";
import type { RedisPlace } from "./clients.ts";

export interface RedisDispatcherOptions extends RedisPlace {
  /** Set where several installations share one Redis; lower-case letters, digits and dashes. */
  readonly prefix?: string;
  readonly log: Log;
  readonly clock: Clock;
  readonly pace?: Partial<JobsPace>;
}

const prefixDefault = "rekey-jobs";
const prefixPattern = /^[a-z][a-z0-9-]{0,62}$/;
// A first connection that is not there yet must not look like an outage.
const firstAnswerMs = answerMs / 2;

/**
 * Opens though Redis is away, within 2 s: a process that starts during an outage works from the ledger, and its
 * servers begin when Redis is there. Rejects where the address cannot be read.
 */
export async function openRedisDispatcher(options: RedisDispatcherOptions): Promise<Dispatcher> {
  const { clock, log, prefix = prefixDefault } = options;
  assert(prefixPattern.test(prefix), "the prefix has a character that a key's tag cannot have");
  const invite = await openClient(options, "invite");
  if (!(await firstAttempt(clock, firstAnswerMs, invite.redis))) {
    log.warn("the dispatcher's backend does not answer yet: work goes on from the ledger");
  }
  const pace = { ...jobsPaceDefault, ...options.pace };
  // In braces: of all keys only the tag decides the slot of a cluster, and a script may touch one slot only.
  const backend = redisBackend({ ...options, prefix: `{${prefix}}`, pace }, invite);
  return await createDispatcher({ backend, clock, log, newId: randomUUID, mayBeAway: true });
}
