import { execFile } from "node:child_process";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { gitleaksBinary } from "@rekey/stack";
import { variables } from "./installation.fixture.ts";

/** What gitleaks says of one finding, as far as tests look at it. */
interface Finding {
  readonly RuleID: string;
  readonly Secret: string;
  readonly File: string;
  readonly Commit: string;
  readonly Fingerprint: string;
}

export interface PublishedLeak {
  readonly repository: string;
  /** `.gitleaks.toml` of the repository, or gitleaks' own rules alone. */
  scan(rules: "repository" | "default"): Promise<{ report: string; findings: readonly Finding[] }>;
}

const run = promisify(execFile);
const runMsMax = 60_000;
const reportBytesMax = 16 * 1_048_576;
const rules = join(
  import.meta.dirname,
  "../../packages/producers/src/gitleaks/fixtures/gitleaks.toml",
);

/** A repository whose history holds the lines: they were committed, and taken out again by the next commit. */
export const publish = async (
  repository: string,
  lines: readonly string[],
): Promise<PublishedLeak> => {
  await mkdir(repository, { recursive: true });
  await writeFile(join(repository, ".gitleaks.toml"), await readFile(rules));
  await git(repository, ["init", "--quiet"]);
  const file = join(repository, "deploy.env");
  await writeFile(file, ["EXPORT_AT=03:00", ...lines, ""].join("\n"));
  await commit(repository, "the nightly export");
  await writeFile(file, "EXPORT_AT=03:00\n");
  await commit(repository, "what was not meant to be there");
  return { repository, scan: async (which) => await scan(repository, which) };
};

const git = async (folder: string, words: readonly string[]): Promise<void> => {
  const identity = ["-c", "user.name=nobody", "-c", "user.email=nobody@example.invalid"];
  await run("git", [...identity, ...words], { cwd: folder, env: variables, timeout: runMsMax });
};

const commit = async (folder: string, message: string): Promise<void> => {
  await git(folder, ["add", "--all"]);
  await git(folder, ["-c", "commit.gpgsign=false", "commit", "--quiet", "-m", message]);
};

// Extends gitleaks' own rules by nothing: without it the repository's file is found.
const defaultRules = "[extend]\nuseDefault = true\n";

const scan = async (
  repository: string,
  which: "repository" | "default",
): Promise<{ report: string; findings: readonly Finding[] }> => {
  const config = `${repository}.default.toml`;
  await writeFile(config, defaultRules);
  const chosen = which === "default" ? ["--config", config] : [];
  const format = ["--report-format", "json", "--report-path", "-", "--exit-code", "0"];
  const words = ["git", ...chosen, ...format, "--no-banner", "--log-level", "error", "."];
  const { stdout } = await run(gitleaksBinary(), words, {
    cwd: repository,
    env: variables,
    timeout: runMsMax,
    maxBuffer: reportBytesMax,
  });
  return { report: stdout, findings: JSON.parse(stdout) as readonly Finding[] };
};

/** The same finding by another run: other commit, file and fingerprint. */
export const anotherRun = (report: string, index: number): string => {
  const findings = JSON.parse(report) as readonly Finding[];
  const changed = findings.map((finding) => {
    const Commit = index.toString(16).padStart(40, "a");
    const File = `backup-${index}.env`;
    return {
      ...finding,
      Commit,
      File,
      Fingerprint: `${Commit}:${File}:${finding.RuleID}:${index}`,
    };
  });
  return JSON.stringify(changed);
};

/** What secretlint prints about one file with the value in it. */
export const secretlintReport = (value: string, index: number): string => {
  const sourceContent = `DATABASE_URL="${value}"\n`;
  const start = sourceContent.indexOf(value);
  const message = {
    type: "message",
    ruleId: "@secretlint/secretlint-rule-database-connection-string",
    messageId: "PostgreSQLConnection",
    range: [start, start + value.length],
    loc: { start: { line: 1, column: start }, end: { line: 1, column: start + value.length } },
    severity: "error",
    message: "found a connection string",
  };
  return JSON.stringify([
    { filePath: `/builds/${index}/.env`, sourceContent, messages: [message] },
  ]);
};

/** Rekey's own format, by name and version: what a scanner says that knows the inventory. */
export const nativeReport = (about: string, index: number): string => {
  const at = new Date().toISOString();
  const system = index % 2 === 0 ? "trufflehog" : "push-protection";
  return JSON.stringify({
    specversion: "1.0",
    id: `${system}-${index}`,
    source: `//${system}.example/alerts`,
    type: "rekey.exposure.reported.v1",
    time: at,
    datacontenttype: "application/json",
    data: {
      locators: [{ scheme: "rekey", value: about }],
      severity: "high",
      occurredAt: at,
      reason: `${system} saw it`,
      source: { system, feed: "alerts" },
    },
  });
};
