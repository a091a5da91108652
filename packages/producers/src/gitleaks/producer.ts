import {
  jsonPath,
  parseRfc3339,
  parseWith,
  reportSignalsMax,
  secretLengthMax,
} from "@rekey/contracts";
import { connectionStringIn } from "../connection-string.ts";
import { gather, refuseBody, type Outcome } from "../producer.ts";
import { reportProducer } from "../report-producer.ts";
import { scannedSignal, tooMany, wholeValue, type ReportContext } from "../scanned.ts";
import { findingSchema, type Finding } from "./report.ts";

/** What gitleaks v8 writes with `--report-format json`: an array of findings. */
export const gitleaksProducer = reportProducer("gitleaks", (findings, report) => {
  if (!Array.isArray(findings)) {
    const reason = "must be the array that --report-format json writes";
    return refuseBody([{ path: "", reason }]);
  }
  if (findings.length > reportSignalsMax) return refuseBody([tooMany]);
  return gather(findings.map((entry, index) => normaliseFinding(entry, { index, report })));
});

interface Place {
  readonly index: number;
  readonly report: ReportContext;
}

function normaliseFinding(entry: unknown, { index, report }: Place): Outcome {
  const path = jsonPath([index]);
  const parsed = parseWith(findingSchema, entry, path);
  if (parsed.value === undefined) {
    return { problem: parsed.problems[0] ?? { path, reason: "is no finding" } };
  }
  const finding = parsed.value;
  const long = (["Secret", "Match"] as const).find(
    (name) => finding[name].length > secretLengthMax,
  );
  if (long !== undefined) {
    const reason = `is longer than ${secretLengthMax} characters`;
    return { problem: { path: `${path}.${long}`, reason } };
  }
  const { RuleID, File, StartLine, StartColumn, Commit, Date, Fingerprint } = finding;
  const signal = scannedSignal(
    {
      format: "gitleaks",
      scanner: "gitleaks",
      rule: RuleID,
      file: File,
      line: StartLine,
      commit: Commit,
      // gitleaks' own Fingerprint names the rule and the line: two values on one line share it.
      named: [Fingerprint, StartColumn, Date],
      values: valuesOf(finding),
      // It tells none.
      severity: "high",
      since: parseRfc3339(Date),
    },
    report,
  );
  return { signal };
}

/**
 * A rule may cut the password out of a connection string, percent signs and all: what was matched around it tells
 * how it reads. A reading that is wrong has a fingerprint that matches nothing.
 */
function valuesOf({ Secret, Match }: Finding): readonly string[] {
  const value = wholeValue(Secret);
  const around = connectionStringIn(Match);
  return [value, value && around].filter((text): text is string => text !== undefined);
}
