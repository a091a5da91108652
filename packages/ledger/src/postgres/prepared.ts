import { createHash } from "node:crypto";
import type { Pool, PoolClient, QueryResult, QueryResultRow } from "pg";

/**
 * A statement that each connection parses and plans once: on the way of a leak planning took longer than
 * running. The texts are few and constant, so their number per connection is bounded.
 */
export const prepared = async <Row extends QueryResultRow>(
  client: Pool | PoolClient,
  text: string,
  values: readonly unknown[],
): Promise<QueryResult<Row>> => {
  return await client.query<Row>({ name: nameOf(text), text, values: [...values] });
};

const names = new Map<string, string>();

const nameOf = (text: string): string => {
  const known = names.get(text);
  if (known !== undefined) return known;
  const name = `rekey_${createHash("sha1").update(text).digest("hex").slice(0, 20)}`;
  names.set(text, name);
  return name;
};
