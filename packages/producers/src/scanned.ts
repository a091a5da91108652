import { locatorsMax, reportSignalsMax } from "@rekey/contracts";
import type { Fingerprinter, Instant, Locator, Severity, Signal } from "@rekey/domain";
import { keyedDigest } from "./keyed-digest.ts";
import type { ProducerContext } from "./producer.ts";
import { repeatsValue } from "./repeats-value.ts";
import { secretLocators } from "./secret-locators.ts";

/** One finding of a scanner that tells a rule and a place. */
export interface ScannedFinding {
  /** Of the report; part of the dedupe key. */
  readonly format: string;
  /** Who found it, in our words. */
  readonly scanner: string;
  readonly rule: string;
  readonly file: string;
  readonly line: number;
  /** Empty where there is none. */
  readonly commit: string;
  /** What else names the finding, besides its value. */
  readonly named: readonly unknown[];
  /** The leaked text, best first; none where the report does not hold it whole. */
  readonly values: readonly string[];
  readonly severity: Severity;
  /** Since when it could be read, as the scanner tells it. */
  readonly since: Instant | undefined;
}

export interface ReportContext extends ProducerContext {
  readonly rawDigest: string;
}

export const tooMany = {
  path: "",
  reason: `has more than ${reportSignalsMax} findings: split the report`,
};

/** Undefined for what is no value: empty, redacted in whole or in part, or with U+FFFD, which stands for bytes that are not text. */
export const wholeValue = (text: string): string | undefined =>
  /^$|^REDACTED$|\.\.\.$|\uFFFD/.test(text) ? undefined : text;

/** The exposure that a finding is; what it says to people repeats no value. */
export function scannedSignal(finding: ScannedFinding, report: ReportContext): Signal {
  const { receivedAt, fingerprint } = report;
  const locators = locatorsOf(finding.values, fingerprint);
  const { format, rule, file, line, commit, named } = finding;
  const name = JSON.stringify([rule, file, line, commit, named, locators[0]?.value ?? null]);
  const dedupeKey = `${format}:${keyedDigest(name, fingerprint)}`;
  return {
    // A second reading of the same report is another event about the same finding.
    eventId: `${dedupeKey}@${receivedAt}`,
    kind: "exposure",
    disposition: locators.length === 0 ? "manual" : "act",
    effect: "expose",
    locators,
    public: false,
    severity: finding.severity,
    confidence: "unknown",
    // What no clock can have said is the report's own time.
    occurredAt: Math.min(finding.since ?? receivedAt, receivedAt),
    confidentiality: "open",
    dedupeKey,
    reason: reasonOf(finding),
    source: { ...report.source, rawDigest: report.rawDigest },
  };
}

function locatorsOf(values: readonly string[], fingerprint: Fingerprinter): readonly Locator[] {
  const found = values.flatMap((value) => secretLocators(value, fingerprint));
  const once = new Map(found.map((locator) => [`${locator.scheme} ${locator.value}`, locator]));
  return [...once.values()].slice(0, locatorsMax);
}

const withoutValue = "the report does not hold its value, so a person decides";
const reasonLengthMax = 1_024;
const commitLengthShown = 12;

/** Where it was found, unless the report repeats a value in a name. */
function reasonOf(finding: ScannedFinding): string {
  const { scanner, commit, values } = finding;
  const fallback = `${scanner} found a secret`;
  const place = placeOf(finding, commit.slice(0, commitLengthShown));
  if (values.length === 0) return `${isPlain(place) ? place : fallback}; ${withoutValue}`;
  // The commit as it is: a part of the value is no better than all of it.
  const repeated = values.some((value) => repeatsValue(placeOf(finding, commit), value));
  return isPlain(place) && !repeated ? place : fallback;
}

function placeOf({ scanner, rule, file, line }: ScannedFinding, commit: string): string {
  const at = commit === "" ? "" : `, commit ${commit}`;
  return `${scanner} found a secret (${rule}) in ${file}, line ${line}${at}`;
}

const isPlain = (text: string): boolean =>
  text.length + withoutValue.length < reasonLengthMax &&
  text.isWellFormed() &&
  !/\p{Cc}/u.test(text);
