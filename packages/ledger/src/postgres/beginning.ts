import type { Hold, RotationClaim } from "@rekey/domain";
import type { PoolClient } from "pg";
import { rotationClaim } from "../commands/claims.ts";
import type { Draft } from "../rows/draft.ts";
import { keyOf, type Rows, type TableName } from "../rows/rows.ts";
import { draftAt, type Database } from "./database.ts";
import { beginningSelection } from "./leak-texts.ts";
import { sentLoad } from "./load.ts";

/** What the turns of rotations that are born claimed begin with. */
export interface Beginnings {
  /** From what the commit is about to leave; undefined where only the server knows it, or it cannot be read. */
  of(draft: Draft, hold: Hold): RotationClaim | undefined;
}

/** Sent behind intake's locks and looks: what those do not need, and a turn does. */
export const sentBeginnings = async (
  database: Database,
  client: PoolClient,
): Promise<Beginnings> => {
  const read = await sentLoad(client, beginningSelection, []);
  return {
    of: (draft, hold) => {
      // The leak's commit stands whatever is read here: what cannot be read is left to `heldRotation`.
      try {
        const { now, tables } = read();
        const claim = rotationClaim(beside(draft, draftAt(database, now, tables)), hold);
        return claim?.inputs.every(isNumbered) === true ? claim : undefined;
      } catch {
        return undefined;
      }
    },
  };
};

/** An input that this commit writes has its number from PostgreSQL, and by it is taken in. */
const isNumbered = ({ seq }: { readonly seq: number }): boolean => seq > 0;

type Reader = Parameters<typeof rotationClaim>[0];

/** The rows of both; of a row that both have, what the commit leaves. */
const beside = (draft: Draft, more: Draft): Reader => ({
  now: draft.now,
  get: (table, key) => draft.get(table, key) ?? more.get(table, key),
  rows: (table) => [
    ...draft.rows(table),
    ...more.rows(table).filter((row) => draft.get(table, keyIn(table, row)) === undefined),
  ],
});

const keyIn = <Table extends TableName>(table: Table, row: Rows[Table]): string =>
  keyOf[table](row);
