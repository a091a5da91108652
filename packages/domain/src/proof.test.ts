import fc from "fast-check";
import { expect, test } from "vitest";
import { credentialId } from "./ids.ts";
import { judgeProof, probeRepeats, type ProbeRecord, type ProofQuestion } from "./proof.ts";

const vantages = ["primary", "replica"];
const expected = {
  subject: "dead",
  "positive-control": "alive",
  "negative-control": "dead",
} as const;
const roles = ["subject", "positive-control", "negative-control"] as const;

const probe = (role: ProbeRecord["role"], vantage: string): ProbeRecord => ({
  role,
  vantage,
  answer: expected[role],
  strength: "strong",
  code: "28000",
  at: 0,
  of: { credential: credentialId("payments-db"), version: 1 },
});

const complete = (propagationMs = 0): ProofQuestion => ({
  vantages,
  propagationMs,
  spanMs: propagationMs,
  probes: Array.from({ length: probeRepeats(propagationMs) }).flatMap(() =>
    vantages.flatMap((vantage) => roles.map((role) => probe(role, vantage))),
  ),
});

const change = (
  question: ProofQuestion,
  one: (record: ProbeRecord, index: number) => ProbeRecord | undefined,
): ProofQuestion => ({
  ...question,
  probes: question.probes.flatMap((record, index) => one(record, index) ?? []),
});

test("K refusals at every vantage over the window, with both controls, prove a death", () => {
  expect(probeRepeats(0)).toBe(2);
  expect(probeRepeats(1)).toBe(4);
  expect(judgeProof(complete())).toEqual({ verdict: "dead", strength: "strong" });
  expect(judgeProof(complete(10_000))).toEqual({ verdict: "dead", strength: "strong" });
});

test.each(vantages.flatMap((vantage) => roles.map((role) => [role, vantage] as const)))(
  "without its %s at %s nothing is proven",
  (role, vantage) => {
    const question = change(complete(), (record) =>
      record.role === role && record.vantage === vantage ? undefined : record,
    );
    expect(judgeProof(question).verdict).toBe("unknown");
  },
);

test("a control that gives the wrong answer even once makes every refusal worthless", () => {
  for (const role of ["positive-control", "negative-control"] as const)
    for (const answer of ["dead", "alive", "unknown"] as const) {
      if (answer === expected[role]) continue;
      const at = complete().probes.findLastIndex((record) => record.role === role);
      const wrong = change(complete(), (record, index) =>
        index === at ? { ...record, answer } : record,
      );
      const vantage = "replica";
      const failed = { reason: "control-failed", control: role, answer, vantage };
      expect(judgeProof(wrong)).toEqual({ verdict: "unknown", ...failed });
    }
});

test("what is let in is alive, and where a bogus value is let in too, that is said", () => {
  const opened = (who: readonly ProbeRecord["role"][]) =>
    judgeProof(
      change(complete(), (record) =>
        record.vantage === "replica" && who.includes(record.role)
          ? { ...record, answer: "alive" }
          : record,
      ),
    );
  const alive = { verdict: "alive", vantage: "replica" };
  expect(opened(["subject"])).toEqual({ ...alive, everybody: false });
  expect(opened(["subject", "negative-control"])).toEqual({ ...alive, everybody: true });
});

test("one refusal fewer than K, a shorter window, or no vantage at all is no proof", () => {
  const first = complete().probes.findIndex((record) => record.role === "subject");
  const fewer = change(complete(), (record, index) => (index === first ? undefined : record));
  expect(judgeProof(fewer)).toMatchObject({ reason: "too-few" });
  const hurried = { ...complete(10_000), spanMs: 9_999 };
  expect(judgeProof(hurried)).toMatchObject({ reason: "window-too-short" });
  expect(judgeProof({ ...complete(), vantages: [] })).toMatchObject({ verdict: "unknown" });
});

test("one generic refusal makes the proof weak", () => {
  const weak = change(complete(), (record, index) =>
    index === 0 ? { ...record, strength: "weak" } : record,
  );
  expect(judgeProof(weak)).toEqual({ verdict: "dead", strength: "weak" });
});

const records = fc.array(
  fc.record({
    role: fc.constantFrom(...roles),
    vantage: fc.constantFrom(...vantages, "elsewhere"),
    answer: fc.constantFrom("dead" as const, "alive" as const, "unknown" as const),
  }),
  { maxLength: 12 },
);

test("whatever else was answered, one living answer or one without an answer is never a death", () => {
  fc.assert(
    fc.property(records, fc.constantFrom("alive" as const, "unknown" as const), (extra, answer) => {
      const probes = [
        ...complete().probes,
        ...extra.map((part) => ({ ...probe(part.role, part.vantage), answer: part.answer })),
        { ...probe("subject", "elsewhere"), answer },
      ];
      expect(judgeProof({ ...complete(), probes }).verdict).not.toBe("dead");
    }),
  );
});
