import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { z } from "zod";
import { repositoryFile } from "../run/layout.ts";
import { runToEnd } from "../run/run-to-end.ts";

interface ScannerOptions {
  readonly environment: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

interface ScanResult {
  /** What `secretlint --format json` printed, not a byte changed. It holds the files' text, values and all. */
  readonly report: string;
  readonly findings: readonly { readonly rule: string; readonly line: number }[];
}

/** Runs the real `secretlint` as anybody would: a process of its own, with its recommended preset. */
export interface SecretlintCommand {
  /** Scans these files; throws with what it said when it failed to. */
  run(files: readonly string[]): Promise<ScanResult>;
}

/** Where `.secretlintrc.json` is and where the preset it names is found. */
const home = repositoryFile("infra/demo");

const require = createRequire(import.meta.url);

/** The program as npm would start it: what its package names as `bin`. */
const programOf = (): string => {
  const manifest = require.resolve("secretlint/package.json");
  const { bin } = z.object({ bin: z.string() }).parse(JSON.parse(readFileSync(manifest, "utf8")));
  return join(dirname(manifest), bin);
};

/** Its exit codes; 2 is a failure of its own. */
const nothingFound = 0;
const somethingFound = 1;

export const secretlintCommand = (options: ScannerOptions): SecretlintCommand => ({
  run: async (files) => {
    const { code, out, error } = await runToEnd({
      ...options,
      // A folder's name may look like a pattern.
      arguments: [programOf(), "--format", "json", "--no-glob", ...files],
      cwd: home,
    });
    if (code !== nothingFound && code !== somethingFound)
      throw new Error(`secretlint ended with ${code}: ${error}`);
    const findings = findingsOf(out);
    if (findings.length > 0 !== (code === somethingFound))
      throw new Error(`secretlint ended with ${code} and ${findings.length} findings`);
    return { report: out, findings };
  },
});

const reportSchema = z.array(
  z.object({
    messages: z.array(
      z.object({
        messageId: z.string(),
        loc: z.object({ start: z.object({ line: z.number() }) }),
      }),
    ),
  }),
);

const findingsOf = (report: string): ScanResult["findings"] =>
  reportSchema
    .parse(readJson(report))
    .flatMap(({ messages }) => messages)
    .map(({ messageId, loc }) => ({ rule: messageId, line: loc.start.line }));

/** Without the parser's own message, which quotes what it could not read. */
const readJson = (report: string): unknown => {
  try {
    return JSON.parse(report);
  } catch {
    throw new Error("secretlint printed something that is no JSON");
  }
};
