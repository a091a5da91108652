import { clientConfig, type ConnectionParts } from "@rekey/runtime";
import pg from "pg";

const connectMaxMs = 5_000;
const statementMaxMs = 60_000;

/** A connection as a server's superuser: to look, and to prepare. */
export interface Asking {
  rows<Row>(text: string, values?: readonly unknown[]): Promise<readonly Row[]>;
  close(): Promise<void>;
}

export const ask = async (server: ConnectionParts, database: string): Promise<Asking> => {
  const client = new pg.Client({
    ...(await clientConfig({ ...server, database })),
    application_name: "rekey-bench",
    connectionTimeoutMillis: connectMaxMs,
    query_timeout: statementMaxMs,
  });
  client.on("error", () => undefined);
  await client.connect();
  return {
    rows: async <Row>(text: string, values: readonly unknown[] = []) =>
      (await client.query(text, [...values])).rows as Row[],
    close: async () => await client.end(),
  };
};
