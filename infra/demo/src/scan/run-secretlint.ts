import { readFile } from "node:fs/promises";
import { extname } from "node:path";
import { lintSource } from "@secretlint/core";
import { creator } from "@secretlint/secretlint-rule-preset-recommend";

export interface ScanResult {
  /** What `secretlint --format json` prints. */
  readonly report: string;
  readonly findings: readonly { readonly rule: string; readonly line: number }[];
}

const preset = "@secretlint/secretlint-rule-preset-recommend";

/** Runs secretlint's engine with its recommended preset over one file; messages mask what was found. */
export const runSecretlint = async (file: string): Promise<ScanResult> => {
  const content = await readFile(file, "utf8");
  const result = await lintSource({
    source: { filePath: file, ext: extname(file), contentType: "text", content },
    options: { config: { rules: [{ id: preset, rule: creator }] }, maskSecrets: true },
  });
  const findings = result.messages
    .filter((message) => message.type === "message")
    .map((message) => ({ rule: message.messageId, line: message.loc.start.line }));
  return { report: JSON.stringify([result]), findings };
};
