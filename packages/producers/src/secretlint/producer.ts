import { jsonPath, parseWith, reportSignalsMax, secretLengthMax } from "@rekey/contracts";
import type { Severity, Signal } from "@rekey/domain";
import { keyedDigest } from "../keyed-digest.ts";
import { repeatsValue } from "../repeats-value.ts";
import { secretLocators } from "../secret-locators.ts";
import { gather, refuseBody, type Normalised, type Outcome } from "../producer.ts";
import { reportProducer } from "../report-producer.ts";
import { tooMany, type ReportContext } from "../scanned.ts";
import { findingSchema, resultSchema, type Finding, type Result } from "./report.ts";

/** What `secretlint --format json` prints: an array of files, each with its findings and its whole text. */
export const secretlintProducer = reportProducer("secretlint", (results, report) => {
  if (!Array.isArray(results)) {
    return refuseBody([{ path: "", reason: "must be the array that --format json prints" }]);
  }
  return normaliseResults(results, report);
});

function normaliseResults(results: readonly unknown[], context: ReportContext): Normalised {
  const outcomes = results.flatMap((entry, index) => {
    const result = parseWith(resultSchema, entry, jsonPath([index]));
    if (result.value === undefined) return result.problems.map((problem) => ({ problem }));
    return result.value.messages.map((message, at) =>
      normaliseFinding(
        { message, path: jsonPath([index, "messages", at]), result: result.value },
        context,
      ),
    );
  });
  return outcomes.length > reportSignalsMax ? refuseBody([tooMany]) : gather(outcomes);
}

interface Element {
  readonly message: unknown;
  readonly path: string;
  readonly result: Result;
}

function normaliseFinding({ message, path, result }: Element, context: ReportContext): Outcome {
  const parsed = parseWith(findingSchema, message, path);
  if (parsed.value === undefined)
    return { problem: parsed.problems[0] ?? { path, reason: "is no finding" } };
  const [start, end] = parsed.value.range;
  const { sourceContent } = result;
  if (sourceContent !== undefined && (start >= end || end > sourceContent.length)) {
    return { problem: { path: `${path}.range`, reason: "is not inside sourceContent" } };
  }
  if (end - start > secretLengthMax) {
    return {
      problem: { path: `${path}.range`, reason: `is longer than ${secretLengthMax} characters` },
    };
  }
  const value = sourceContent?.slice(start, end);
  return { signal: signalOf({ finding: parsed.value, file: result.filePath, value }, context) };
}

interface Found {
  readonly finding: Finding;
  readonly file: string;
  /** The leaked text; undefined where the report does not hold it. */
  readonly value: string | undefined;
}

const severityOf: Readonly<Record<Finding["severity"], Severity>> = {
  error: "high",
  warning: "medium",
  info: "low",
};

function signalOf(found: Found, context: ReportContext): Signal {
  const { finding, value } = found;
  const locators = value === undefined ? [] : secretLocators(value, context.fingerprint);
  const place = [found.file, finding.ruleId, finding.range, locators[0]?.value ?? null];
  const dedupeKey = `secretlint:${keyedDigest(JSON.stringify(place), context.fingerprint)}`;
  return {
    // A second reading of the same report is another event about the same finding.
    eventId: `${dedupeKey}@${context.receivedAt}`,
    kind: "exposure",
    disposition: locators.length === 0 ? "manual" : "act",
    effect: "expose",
    locators,
    public: false,
    severity: severityOf[finding.severity],
    confidence: "unknown",
    occurredAt: context.receivedAt,
    confidentiality: "open",
    dedupeKey,
    reason: reasonOf(found),
    source: { ...context.source, rawDigest: context.rawDigest },
  };
}

const fallback = "secretlint found a secret";
const reasonLengthMax = 1_024;

/** Where it was found, unless the report repeats the value in a name. */
function reasonOf({ finding, file, value }: Found): string {
  const text = `${fallback} (${finding.messageId}) in ${file}, line ${finding.loc.start.line}`;
  const hidden = value !== undefined && repeatsValue(text, value);
  const plain = text.length <= reasonLengthMax && text.isWellFormed() && !/\p{Cc}/u.test(text);
  return plain && !hidden ? text : fallback;
}
