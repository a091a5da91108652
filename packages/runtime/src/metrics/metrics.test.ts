import { expect, test } from "vitest";
import { createMetrics } from "./metrics.ts";

const labels = { lane: ["urgent", "planned"], outcome: ["done", "fault"] } as const;

test("counters, gauges and histograms appear with the labels they declare", async () => {
  const metrics = createMetrics();
  const jobs = metrics.counter({ name: "rekey_jobs_total", help: "jobs", labels });
  jobs.increment({ lane: "urgent", outcome: "done" });
  jobs.increment({ lane: "urgent", outcome: "done" }, 2);
  metrics.gauge({ name: "rekey_due", help: "due", labels: {} }).set({}, 7);
  const took = { name: "rekey_step_seconds", help: "steps", labels: {}, buckets: [0.1, 1] };
  metrics.histogram(took).observe({}, 0.5);
  const text = await metrics.text();
  expect(text).toContain('rekey_jobs_total{lane="urgent",outcome="done"} 3');
  expect(text).toContain("rekey_due 7");
  expect(text).toContain('rekey_step_seconds_bucket{le="1"} 1');
});

test("a value outside its set is counted as other, so that series stay bounded", async () => {
  const metrics = createMetrics();
  const jobs = metrics.counter({ name: "rekey_jobs_total", help: "jobs", labels });
  for (let index = 0; index < 100; index++) {
    jobs.increment({ lane: `lane ${index}` as "urgent", outcome: "done" });
  }
  const text = await metrics.text();
  expect(text).toContain('rekey_jobs_total{lane="other",outcome="done"} 100');
  expect(text.match(/^rekey_jobs_total\{/gm)).toHaveLength(1);
});

test("a gauge that is collected is asked at each scrape, and leaves no old figure behind", async () => {
  const metrics = createMetrics();
  let age = 5;
  metrics.gauge({
    name: "rekey_debt_age_seconds",
    help: "oldest debt",
    labels: { lane: labels.lane },
    collect: async () => {
      if (age === 0) throw new Error("ledger lost");
      return [[{ lane: "urgent" }, age]];
    },
  });
  metrics.gauge({
    name: "rekey_debt",
    help: "debt",
    labels: {},
    collect: async () => (age === 0 ? [] : [[{}, age]]),
  });
  expect(await metrics.text()).toContain('rekey_debt_age_seconds{lane="urgent"} 5');
  expect(await metrics.text()).toContain("rekey_debt 5");
  age = 6;
  expect(await metrics.text()).toContain('rekey_debt_age_seconds{lane="urgent"} 6');
  age = 0;
  expect(await metrics.text()).not.toMatch(/^rekey_debt/m);
});

test("a foreign prefix and too many series are refused where they are declared", () => {
  const metrics = createMetrics();
  const declared = { help: "x", labels: {} };
  expect(() => metrics.counter({ ...declared, name: "jobs_total" })).toThrow(/rekey_/);
  const many = Array.from({ length: 40 }, (_, index) => String(index));
  const wide = { name: "rekey_wide", help: "x", labels: { left: many, right: many } };
  expect(() => metrics.counter(wide)).toThrow(/1681 series/);
});
