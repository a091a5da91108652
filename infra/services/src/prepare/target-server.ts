import { connectionUrl, type ConnectionParts } from "@rekey/runtime";
import { keptPassword } from "@rekey/stack";
import { secretPath } from "../config/services-config.ts";
import { asAdministrator, ensureDatabase, ensureRole, givePassword } from "./administrator.ts";
import { keepSecret } from "./connect.ts";

/** The database that consumers of the example use. */
export const targetDatabase = "shop";
/** Rekey's own login there: no superuser, and it makes and changes only roles of the groups it is given. */
const targetAdmin = "rekey_admin";
/** It owns the tables; each version of a credential is a login of it. */
export const paymentsGroup = "payments_app";
/** The control credential's: it may log in and nothing else. */
export const controlGroup = "rekey_control";

/** PostgreSQL whose roles are credentials, as docs/providers/postgres-role.md asks for it. */
export const prepareTargetServer = async (
  server: ConnectionParts,
  folder: string,
): Promise<void> => {
  const password = await keptPassword(secretPath(folder, "shop-admin.password"));
  await asAdministrator(server, "postgres", async (query) => {
    await ensureRole(query, targetAdmin);
    await query(`alter role ${targetAdmin} nosuperuser createrole`);
    await givePassword(query, targetAdmin, password);
    for (const group of [paymentsGroup, controlGroup]) {
      await ensureRole(query, group);
      await query(`grant ${group} to ${targetAdmin} with admin true, inherit true, set true`);
    }
    await ensureDatabase(query, { name: targetDatabase, owner: paymentsGroup });
  });
  await asAdministrator(server, targetDatabase, async (query) => {
    await query(`set role ${paymentsGroup}`);
    await query(
      "create table if not exists payments (id bigint generated always as identity primary key, cents integer)",
    );
  });
  const dsn = connectionUrl({ ...server, user: targetAdmin, database: targetDatabase, password });
  await keepSecret(secretPath(folder, "shop-admin.dsn"), dsn);
};
