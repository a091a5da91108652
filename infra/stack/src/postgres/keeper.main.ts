import { join } from "node:path";
import { silentLog, startEmbeddedPostgres } from "@rekey/runtime";
import { keptPassword } from "./connect.ts";
import { passwordFileName, postgresSettings } from "./settings.ts";

// PostgreSQL is a child of the process that started it; this one lives as long as the server has to.
const [folder = "", port = "", programsDir = ""] = process.argv.slice(2);

const server = await startEmbeddedPostgres({
  dataDir: folder,
  port: Number(port),
  programsDir,
  password: await keptPassword(join(folder, passwordFileName)),
  log: silentLog,
  settings: postgresSettings,
  onLine: (line) => process.stdout.write(`${line}\n`),
});
process.once("SIGTERM", () => {
  void server.stop();
});
void server.ended().then(() => process.stdout.write("the server has ended\n"));
process.stdout.write("ready to keep the server\n");
