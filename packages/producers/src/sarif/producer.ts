import {
  jsonPath,
  parseRfc3339,
  parseWith,
  reportSignalsMax,
  secretLengthMax,
} from "@rekey/contracts";
import type { Severity, Signal } from "@rekey/domain";
import { connectionStringIn } from "../connection-string.ts";
import { gather, refuseBody, type Normalised, type Outcome } from "../producer.ts";
import { reportProducer } from "../report-producer.ts";
import { scannedSignal, tooMany, wholeValue, type ReportContext } from "../scanned.ts";
import { isOpen, resultSchema, runSchema, type Result, type Run } from "./log.ts";

/** A SARIF 2.1.0 log of a secret scanner that puts the value into `snippet.text`, as gitleaks does. */
export const sarifProducer = reportProducer("sarif", (value, report) => {
  const log = value as { version?: unknown; runs?: unknown } | null;
  if (log?.version !== "2.1.0" || !Array.isArray(log.runs)) {
    return refuseBody([{ path: "", reason: "must be a SARIF 2.1.0 log with runs" }]);
  }
  return normaliseRuns(log.runs, report);
});

function normaliseRuns(runs: readonly unknown[], report: ReportContext): Normalised {
  const outcomes = runs.flatMap((entry, at): readonly Outcome[] => {
    const parsed = parseWith(runSchema, entry, jsonPath(["runs", at]));
    if (parsed.value === undefined) return parsed.problems.map((problem) => ({ problem }));
    const run = parsed.value;
    return (run.results ?? []).map((result, index) =>
      normaliseResult(result, { run, path: jsonPath(["runs", at, "results", index]), report }),
    );
  });
  return outcomes.length > reportSignalsMax ? refuseBody([tooMany]) : gather(outcomes);
}

interface Place {
  readonly run: Run;
  readonly path: string;
  readonly report: ReportContext;
}

function normaliseResult(entry: unknown, { run, path, report }: Place): Outcome {
  const parsed = parseWith(resultSchema, entry, path);
  if (parsed.value === undefined) {
    return { problem: parsed.problems[0] ?? { path, reason: "is no result" } };
  }
  const long = snippetsOf(parsed.value).some((text) => text.length > secretLengthMax);
  if (long) {
    const reason = `is longer than ${secretLengthMax} characters`;
    return { problem: { path: `${path}.locations`, reason } };
  }
  return { signal: signalOf(parsed.value, run, report) };
}

function signalOf(result: Result, { tool }: Run, report: ReportContext): Signal {
  const { locations, ruleId, fingerprints, partialFingerprints } = result;
  const places = locations.flatMap(({ physicalLocation }) => physicalLocation ?? []);
  const { commitSha = "", date = "" } = partialFingerprints;
  const signal = scannedSignal(
    {
      format: "sarif",
      scanner: "a scanner",
      rule: ruleId,
      file: places[0]?.artifactLocation.uri ?? "",
      line: places[0]?.region.startLine ?? 0,
      commit: commitSha,
      named: [
        tool.driver.name,
        fingerprints,
        date,
        places.map(({ artifactLocation, region }) => [
          artifactLocation.uri,
          region.startLine,
          region.startColumn,
        ]),
        isOpen(result),
        severityOf(result),
      ],
      values: valuesOf(result),
      severity: severityOf(result),
      since: parseRfc3339(date),
    },
    report,
  );
  // What was suppressed asks nobody, yet it stays to be seen at the credential whose value it is.
  return isOpen(result) ? signal : { ...signal, disposition: "note" };
}

const severityOf = ({ level }: Result): Severity =>
  ({ error: "high", warning: "medium", note: "low", none: "info" } as const)[level ?? "error"];

const snippetsOf = ({ locations }: Result): readonly string[] =>
  locations.flatMap(({ physicalLocation }) => physicalLocation?.region.snippet.text ?? []);

/** A snippet is the value, or what stands around a connection string. */
function valuesOf(result: Result): readonly string[] {
  const whole = snippetsOf(result).flatMap((text) => wholeValue(text) ?? []);
  return whole.flatMap((text) => [text, connectionStringIn(text) ?? text]);
}
