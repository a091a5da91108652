import type { Secret } from "@rekey/secret";
import pg from "pg";

const connectionsMax = 4;
// What a busy machine answers late is not refused.
const waitMsMax = 20_000;

/** Connects once before it answers, so that the service never moves to a value that does not work. */
export const openPool = async (url: Secret): Promise<pg.Pool> => {
  const pool = new pg.Pool({
    connectionString: url.reveal(),
    application_name: "payments-api",
    max: connectionsMax,
    connectionTimeoutMillis: waitMsMax,
    query_timeout: waitMsMax,
  });
  // An idle connection that the server ends leaves the pool; the next payment says what it means.
  pool.on("error", () => undefined);
  pool.on("connect", (client) => client.on("error", () => undefined));
  try {
    await pool.query("select 1");
    return pool;
  } catch (error) {
    await pool.end();
    throw error;
  }
};

/** Rejects unless Vault lets this secret id in. */
export const loginToVault = async (
  address: string,
  { roleId, secretId }: { readonly roleId: Secret; readonly secretId: Secret },
): Promise<void> => {
  const body = { role_id: roleId.reveal(), secret_id: secretId.reveal() };
  const answer = await fetch(`${address}/v1/auth/approle/login`, {
    method: "PUT",
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(waitMsMax),
  });
  await answer.arrayBuffer();
  if (!answer.ok) throw new Error(`vault answered ${answer.status}`);
};
