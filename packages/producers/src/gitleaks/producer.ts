import {
  jsonPath,
  parseJsonStrict,
  parseRfc3339,
  parseWith,
  reportSignalsMax,
  scanBytesMax,
  secretLengthMax,
} from "@rekey/contracts";
import { connectionStringIn } from "../connection-string.ts";
import { keyedDigest } from "../keyed-digest.ts";
import { gather, refuseBody, type Producer } from "../producer.ts";
import { scannedSignal, tooMany, wholeValue, type ReportContext } from "../scanned.ts";
import { findingSchema, type Finding } from "./report.ts";

/** What gitleaks v8 writes with `--report-format json`: an array of findings. */
export const gitleaksProducer: Producer = {
  format: "gitleaks",
  bodyBytesMax: scanBytesMax,
  normalise(body, context) {
    const options = { bytesMax: scanBytesMax, characters: "any", largeIntegers: "text" } as const;
    const parsed = parseJsonStrict(body, options);
    if (parsed.problems !== undefined) return refuseBody(parsed.problems);
    if (!Array.isArray(parsed.value)) {
      const reason = "must be the array that --report-format json writes";
      return refuseBody([{ path: "", reason }]);
    }
    if (parsed.value.length > reportSignalsMax) return refuseBody([tooMany]);
    const report = { ...context, rawDigest: keyedDigest(body, context.fingerprint) };
    return gather(parsed.value.map((entry, index) => normaliseFinding(entry, { index, report })));
  },
};

interface Place {
  readonly index: number;
  readonly report: ReportContext;
}

type Outcome = Parameters<typeof gather>[0][number];

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
