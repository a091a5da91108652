import { createHash, randomBytes } from "node:crypto";
import pg from "pg";
import { inject } from "vitest";
// Where the names that a test may inject are declared.
import type {} from "./global-setup.ts";

export type TemplateDatabase = { readonly name: string };

export type FreshDatabase = {
  /** Connection string of the superuser on this database. */
  readonly url: string;
  readonly name: string;
  /** Ends whoever is still connected. Databases not dropped go with the run's server. */
  drop(): Promise<void>;
};

// Any number that other locks in the admin database do not use.
const templateLock = 7_265_637;
const connectMs = 10_000;

/**
 * A migrated database to clone, made once for each key and run: the first worker process that asks
 * makes it, the others wait. Put into the key what changes the result of `migrate`.
 */
export async function templateDatabase(
  key: string,
  migrate: (connectionString: string) => Promise<void>,
): Promise<TemplateDatabase> {
  const name = `template_${createHash("sha256").update(key).digest("hex").slice(0, 16)}`;
  await asAdmin(async (admin) => {
    await admin.query("select pg_advisory_lock($1, hashtext($2))", [templateLock, name]);
    const made = "select 1 from pg_database where datname = $1 and datistemplate";
    if ((await admin.query(made, [name])).rowCount === 1) return;
    // Half made by a worker that died or whose migration failed.
    await admin.query(`drop database if exists ${name} with (force)`);
    await admin.query(`create database ${name}`);
    await migrate(urlOf(name));
    // Closed for connections, as one open connection makes every clone of it fail.
    await admin.query(`alter database ${name} with is_template true allow_connections false`);
  });
  return { name };
}

/** A clone of the template (or an empty database), in some 30 ms. */
export async function freshDatabase(template?: TemplateDatabase): Promise<FreshDatabase> {
  const name = `fresh_${randomBytes(8).toString("hex")}`;
  const source = template === undefined ? "" : ` template ${template.name}`;
  await asAdmin((admin) => admin.query(`create database ${name}${source}`));
  return {
    name,
    url: urlOf(name),
    drop: async () => {
      await asAdmin((admin) => admin.query(`drop database if exists ${name} with (force)`));
    },
  };
}

/** Connection string of the run's superuser on its `postgres` database. */
export function adminUrl(): string {
  const url = inject("adminUrl");
  if (url === undefined) {
    throw new Error("no database server: name the file *.integration.test.ts");
  }
  return url;
}

function urlOf(name: string): string {
  return Object.assign(new URL(adminUrl()), { pathname: `/${name}` }).href;
}

async function asAdmin(use: (admin: pg.Client) => Promise<unknown>): Promise<void> {
  const admin = new pg.Client({
    connectionString: adminUrl(),
    connectionTimeoutMillis: connectMs,
    application_name: "rekey-testkit",
  });
  await admin.connect();
  try {
    await use(admin);
  } finally {
    await admin.end();
  }
}
