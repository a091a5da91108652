import type { Environment } from "../environment.ts";
import { join } from "node:path";
import { StackFault } from "../fault.ts";
import { versions } from "../versions.ts";
import { installOnce, type Note } from "./install-once.ts";
import { installFolder, locate, roomFile, versionOnPath } from "./locate.ts";
import { runTool } from "./run-tool.ts";

const vaultMaxMs = 40 * 60_000;
const gitleaksMaxMs = 10 * 60_000;

/** Built from its Go module: 5 to 6 minutes and 3 GB of modules the first time on two cores. */
export const installVault = async (environment: Environment, note: Note): Promise<void> => {
  if (locate("vault", environment) !== undefined) return;
  await installOnce(
    installFolder(environment.cache, "vault"),
    async (folder) => {
      requireGo(environment, "vault is not on the PATH");
      const args = ["build", "-v", "-mod=readonly", "-tags", "minimal"];
      await runTool({
        command: "go",
        args: [...args, "-ldflags=-s -w", "-o", join(folder, "vault"), "."],
        folder: roomFile("vault"),
        environment,
        maxMs: vaultMaxMs,
        onLine: counted(note),
      });
    },
    note,
  );
};

/** The scanner, a few seconds. */
export const installGitleaks = async (environment: Environment, note: Note): Promise<void> => {
  const module = `github.com/zricethezav/gitleaks/v8@v${versions.gitleaks}`;
  await installOnce(
    installFolder(environment.cache, "gitleaks"),
    async (folder) => {
      requireGo(environment, "gitleaks is built from its Go module");
      await runTool({
        command: "go",
        args: ["install", "-v", module],
        folder,
        environment,
        variables: { GOBIN: folder },
        maxMs: gitleaksMaxMs,
        onLine: counted(note),
      });
    },
    note,
  );
};

const requireGo = (environment: Environment, why: string): void => {
  if (versionOnPath("go", ["version"], environment) !== undefined) return;
  throw new StackFault(
    "TOOL_MISSING",
    `${why}, and go, which builds it, is not either: install Go 1.26 (go.dev/doc/install)`,
  );
};

/** Go names each module that it downloads and each package that it compiles; their number is the progress. */
const counted = (note: Note): ((line: string) => void) => {
  let modules = 0;
  let packages = 0;
  return (line) => {
    if (line.startsWith("go: downloading")) modules++;
    else if (/^[\w.-]+(\/[\w.~-]+)*$/.test(line)) packages++;
    note(`modules downloaded: ${modules}, packages compiled: ${packages}`);
  };
};
