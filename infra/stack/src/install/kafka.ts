import { copyFile } from "node:fs/promises";
import { join } from "node:path";
import type { Environment } from "../environment.ts";
import { StackFault } from "../fault.ts";
import { oldestFitting } from "../versions.ts";
import { installOnce, type Note } from "./install-once.ts";
import { installFolder, javaVersion, roomFile, versionOnPath } from "./locate.ts";
import { runTool } from "./run-tool.ts";

const downloadMaxMs = 10 * 60_000;

/** Kafka's jars from Maven Central, 44 MB. Needs Java and Maven on the PATH. */
export const installKafka = async (environment: Environment, note: Note): Promise<void> => {
  requireJava(environment);
  await installOnce(
    installFolder(environment.cache, "kafka"),
    async (folder) => {
      requireMaven(environment);
      note("downloading from Maven Central");
      await copyFile(roomFile("kafka/pom.xml"), join(folder, "pom.xml"));
      const goal = "dependency:copy-dependencies";
      const args = ["-q", "-B", goal, "-DoutputDirectory=libs"];
      await runTool({ command: "mvn", args, folder, environment, maxMs: downloadMaxMs });
    },
    note,
  );
};

const requireJava = (environment: Environment): void => {
  const found = javaVersion(environment);
  if (found !== undefined && found >= oldestFitting.java) return;
  throw new StackFault(
    "TOOL_MISSING",
    `kafka needs Java ${oldestFitting.java} or later on the PATH, ${found === undefined ? "there is none" : `this is ${found}`}: ${packages("openjdk-17-jre-headless", "openjdk@17")}`,
  );
};

const requireMaven = (environment: Environment): void => {
  if (versionOnPath("mvn", ["--version"], environment) !== undefined) return;
  throw new StackFault(
    "TOOL_MISSING",
    `kafka's jars are fetched by Maven, and mvn is not on the PATH: ${packages("maven", "maven")}`,
  );
};

const packages = (debian: string, homebrew: string): string =>
  `install the package ${debian} (Debian, Ubuntu) or ${homebrew} (Homebrew)`;
