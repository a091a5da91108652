import { connectionUrl, type ConnectionParts } from "@rekey/runtime";
import { keptPassword } from "@rekey/stack";
import { secretPath } from "../config/services-config.ts";
import { asAdministrator, ensureDatabase, ensureRole, givePassword } from "./administrator.ts";
import { keepSecret } from "./connect.ts";

const database = "rekey";

/** Owns the schema: only `rekey ledger migrate` logs in as it. */
const owner = { role: "rekey_owner", file: "ledger-owner" } as const;
/** What services log in as. The migration grants it rows, and no change of a table or of an audit event. */
const services = { role: "rekey", file: "ledger" } as const;

/** PostgreSQL for the ledger: one database, a role that owns it and one that services use. */
export const prepareLedgerServer = async (
  server: ConnectionParts,
  folder: string,
): Promise<void> => {
  await asAdministrator(server, "postgres", async (query) => {
    for (const { role, file } of [owner, services]) {
      const password = await keptPassword(secretPath(folder, `${file}.password`));
      await ensureRole(query, role);
      await givePassword(query, role, password);
      const url = connectionUrl({ ...server, user: role, database, password });
      await keepSecret(secretPath(folder, `${file}.url`), url);
    }
    await ensureDatabase(query, { name: database, owner: owner.role });
    await query(`revoke all on database ${database} from public`);
    await query(`grant connect on database ${database} to ${services.role}`);
  });
};
