import { clientConfig } from "@rekey/runtime";
import type { PostgresAddress } from "@rekey/runtime";
import type { PostgresPoolConfig } from "bullmq";
import { answerMs } from "../pace.ts";

export const jobsSchema = "rekey_jobs";

// BullMQ makes its pools itself, as it only then sets the schema: so the limits are given to it.
const limits = {
  connectionTimeoutMillis: answerMs,
  statement_timeout: answerMs,
  query_timeout: answerMs + 500,
  lock_timeout: answerMs,
  idle_in_transaction_session_timeout: answerMs,
  idleTimeoutMillis: 10_000,
  keepAlive: true,
  keepAliveInitialDelayMillis: 10_000,
};

/** Settings of one of BullMQ's pools; the password stays a function. */
export async function jobsPoolConfig(
  address: PostgresAddress,
  max: number,
): Promise<PostgresPoolConfig> {
  const config = { ...(await clientConfig(address)), ...limits };
  return {
    ...config,
    max,
    schema: jobsSchema,
    application_name: "rekey-jobs",
  } as PostgresPoolConfig;
}
