import { execFile } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { ambientEnvironment } from "@rekey/stack";

const javaMs = 60_000;

/** Runs Kafka's own client, with the libraries of the installed broker; what it printed, by line. */
export async function javaClient(...words: readonly string[]): Promise<string[]> {
  const { cache, variables } = ambientEnvironment();
  const folder = readdirSync(cache).find((name) => name.startsWith("kafka-"));
  if (folder === undefined) throw new Error("kafka is not installed");
  const program = fileURLToPath(new URL("java-client.fixture.java", import.meta.url));
  const libraries = join(cache, folder, "libs", "*");
  const args = ["-Xmx128m", "-XX:TieredStopAtLevel=1", "-cp", libraries, program, ...words];
  const options = { env: { ...variables }, timeout: javaMs };
  const { stdout } = await promisify(execFile)("java", args, options);
  return stdout.split("\n").filter((line) => line !== "");
}
