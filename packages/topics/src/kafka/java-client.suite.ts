import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { ambientEnvironment, kafkaClassPath } from "@rekey/stack";

const javaMs = 60_000;

/** Runs Kafka's own client, with the libraries of the installed broker; what it printed, by line. */
export async function javaClient(...words: readonly string[]): Promise<string[]> {
  const environment = ambientEnvironment();
  const program = fileURLToPath(new URL("java-client.fixture.java", import.meta.url));
  const classPath = kafkaClassPath(environment);
  const args = ["-Xmx128m", "-XX:TieredStopAtLevel=1", "-cp", classPath, program, ...words];
  const options = { env: { ...environment.variables }, timeout: javaMs };
  const { stdout } = await promisify(execFile)("java", args, options);
  return stdout.split("\n").filter((line) => line !== "");
}
