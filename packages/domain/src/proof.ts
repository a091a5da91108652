import type { ProbeStrength } from "./capabilities.ts";
import type { VersionRef } from "./ids.ts";
import type { Instant } from "./instant.ts";
import type { ProbeReply } from "./ports/issuer.ts";

/** One probe as evidence: who was tried, what came back, when. Never the value. */
export interface ProbeRecord extends ProbeReply {
  readonly at: Instant;
  readonly role: "subject" | "positive-control" | "negative-control";
  /** The version whose material was used; for a negative control, the version that is let in and that it was made from. */
  readonly of: VersionRef;
}

export const proofGrades = ["probed", "listed"] as const;
export type ProofGrade = (typeof proofGrades)[number];

/** The evidence that allows `revoked`. */
export interface ProofOfDeath {
  readonly grade: ProofGrade;
  readonly strength: ProbeStrength;
  readonly probes: readonly ProbeRecord[];
  readonly provenAt: Instant;
  /** Length of the window over which refusals were spread, monotonic. */
  readonly windowMs: number;
  /** Sessions and tokens that were ended, and how many the provider still showed afterwards (must be 0). */
  readonly derivedEnded: number;
  readonly derivedLeft: number;
  /** `listed` only: why there was no probe, and the policy that allows it. */
  readonly reason?: string;
}

/** How many times each probe is repeated: K = 2 where changes are true at once, else 4 over the propagation window. */
export const probeRepeats = (propagationMs: number): number => (propagationMs === 0 ? 2 : 4);

export interface ProofQuestion {
  readonly probes: readonly ProbeRecord[];
  readonly vantages: readonly string[];
  readonly propagationMs: number;
  /** Monotonic time between the first and the last subject probe. */
  readonly spanMs: number;
}

/** A control that did not answer as it had to, at one vantage. */
export interface FailedControl {
  readonly control: "positive-control" | "negative-control";
  readonly answer: ProbeReply["answer"] | "none";
  readonly vantage: string;
}

export type ProofVerdict =
  | { readonly verdict: "dead"; readonly strength: ProbeStrength }
  /** `everybody`: what is made up was let in there too. */
  | { readonly verdict: "alive"; readonly vantage: string; readonly everybody: boolean }
  | ({ readonly verdict: "unknown"; readonly reason: "control-failed" } & FailedControl)
  | {
      readonly verdict: "unknown";
      readonly reason: "no-answer" | "window-too-short" | "too-few";
    };

const expectedOf = { "negative-control": "dead", "positive-control": "alive" } as const;
const controls = ["negative-control", "positive-control"] as const;

/** Both have to be there: undefined where every one of them answered as it had to. */
export const failedControl = (
  probes: readonly ProbeRecord[],
  vantage: string,
): FailedControl | undefined => {
  for (const control of controls) {
    const tried = probes.filter((probe) => probe.vantage === vantage && probe.role === control);
    const wrong = tried.find((probe) => probe.answer !== expectedOf[control]);
    if (tried.length === 0 || wrong !== undefined)
      return { control, answer: wrong?.answer ?? "none", vantage };
  }
  return undefined;
};

const letsInEverybody = (probes: readonly ProbeRecord[], vantage: string): boolean =>
  probes.some(
    (probe) =>
      probe.vantage === vantage && probe.role === "negative-control" && probe.answer === "alive",
  );

/**
 * Judges a set of probes: K refusals at every vantage over the propagation window, with a login that is let in and
 * a bogus one of the same name that is not, both at that vantage. Unknown is never dead.
 */
export const judgeProof = (question: ProofQuestion): ProofVerdict => {
  const subject = question.probes.filter((probe) => probe.role === "subject");
  const alive = subject.find((probe) => probe.answer === "alive");
  if (alive !== undefined) {
    const { vantage } = alive;
    return { verdict: "alive", vantage, everybody: letsInEverybody(question.probes, vantage) };
  }
  if (subject.some((probe) => probe.answer === "unknown"))
    return { verdict: "unknown", reason: "no-answer" };
  const repeats = probeRepeats(question.propagationMs);
  for (const vantage of question.vantages) {
    const tried = subject.filter((probe) => probe.vantage === vantage);
    if (tried.length < repeats) return { verdict: "unknown", reason: "too-few" };
    const failed = failedControl(question.probes, vantage);
    if (failed !== undefined) return { verdict: "unknown", reason: "control-failed", ...failed };
  }
  if (question.vantages.length === 0) return { verdict: "unknown", reason: "too-few" };
  if (question.spanMs < question.propagationMs)
    return { verdict: "unknown", reason: "window-too-short" };
  return {
    verdict: "dead",
    strength: subject.every((probe) => probe.strength === "strong") ? "strong" : "weak",
  };
};
