import { randomUUID } from "node:crypto";
import type { Clock, Dispatcher } from "@rekey/domain";
import type { Log, PostgresAddress } from "@rekey/runtime";
import { createDispatcher } from "../bullmq/dispatcher.ts";
import { jobsPaceDefault } from "../pace.ts";
import type { JobsPace } from "../pace.ts";
import { asJobsFault } from "../within.ts";
import { openPostgresBackend } from "./backend.ts";

export interface PostgresDispatcherOptions {
  /** The database; `migratePostgresJobs` ran before. */
  readonly connection: PostgresAddress;
  readonly log: Log;
  readonly clock: Clock;
  readonly pace?: Partial<JobsPace>;
}

/** Rejects with JOBS_UNREACHABLE when the database does not answer or was not migrated. */
export async function openPostgresDispatcher(
  options: PostgresDispatcherOptions,
): Promise<Dispatcher> {
  const { connection, clock, log } = options;
  const pace = { ...jobsPaceDefault, ...options.pace };
  const backend = await openPostgresBackend({ connection, clock, log, pace }).catch(
    (error: unknown) => {
      throw asJobsFault(error);
    },
  );
  return await createDispatcher({ backend, clock, log, newId: randomUUID });
}
