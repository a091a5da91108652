import { randomBytes } from "node:crypto";
import { fixedSource, silentLog } from "@rekey/runtime";
import type { FreshDatabase } from "@rekey/testkit";
import { ask } from "./database.suite.ts";
import { grantLedger } from "./grant.ts";

/** A login role with the services' rights on one test's ledger, and a name that has to be quoted. */
export const grantedRole = async (
  database: FreshDatabase,
): Promise<{ readonly url: string; drop(): Promise<void> }> => {
  const name = `Rekey "service" ${randomBytes(6).toString("hex")}`;
  const quoted = `"${name.replaceAll('"', '""')}"`;
  const password = randomBytes(12).toString("hex");
  await ask(database, `create role ${quoted} login password '${password}'`);
  const owner = { connection: fixedSource(database.url), role: name, log: silentLog };
  await grantLedger(owner);
  // After every migration: nothing is lost by it.
  await grantLedger(owner);
  const url = new URL(database.url);
  [url.username, url.password] = [encodeURIComponent(name), password];
  return {
    url: url.href,
    drop: async () => {
      await ask(database, `drop owned by ${quoted}`);
      await ask(database, `drop role ${quoted}`);
    },
  };
};
