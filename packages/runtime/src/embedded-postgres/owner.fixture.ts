// A process that owns a server, for the tests that kill the owner: prints the server's pid.
import { Secret } from "@rekey/secret";
import pg from "pg";
import { silentLog } from "../logger/silent-log.ts";
import { clientConfig } from "../postgres/connect.ts";
import { startEmbeddedPostgres } from "./start.ts";

const [dataDir = "", binding] = process.argv.slice(2);
const password = Secret.fromUtf8("p@ss/word with ? and #");
const endsWithOwner = binding === "bound";
const server = await startEmbeddedPostgres({
  dataDir,
  password,
  log: silentLog,
  fsync: false,
  endsWithOwner,
});
const client = new pg.Client(await clientConfig(server.connection));
await client.connect();
await client.query("create table kept as select 42 as answer");
await client.end();
process.once("SIGTERM", () => process.exit(0));
process.stdout.write(`${server.pid()}\n`);
