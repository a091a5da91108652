import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from "prom-client";

/** Each label with every value it may take: a metric never grows beyond their product. */
export type LabelSets = Readonly<Record<string, readonly string[]>>;

export type LabelValues<Sets extends LabelSets> = {
  readonly [name in keyof Sets]: Sets[name][number];
};

type Declaration<Sets extends LabelSets> = {
  readonly name: string;
  readonly help: string;
  readonly labels: Sets;
};

export type CounterMetric<Sets extends LabelSets> = {
  increment(labels: LabelValues<Sets>, by?: number): void;
};
export type GaugeMetric<Sets extends LabelSets> = {
  set(labels: LabelValues<Sets>, value: number): void;
};
export type HistogramMetric<Sets extends LabelSets> = {
  observe(labels: LabelValues<Sets>, seconds: number): void;
};

export type Metrics = {
  readonly contentType: string;
  /** The exposition text. */
  text(): Promise<string>;
  counter<const Sets extends LabelSets>(declaration: Declaration<Sets>): CounterMetric<Sets>;
  gauge<const Sets extends LabelSets>(
    declaration: Declaration<Sets> & {
      /** Asked at each scrape; a failure leaves the series out instead of showing an old figure. */
      readonly collect?: () => Promise<readonly (readonly [LabelValues<Sets>, number])[]>;
    },
  ): GaugeMetric<Sets>;
  /** Of seconds. */
  histogram<const Sets extends LabelSets>(
    declaration: Declaration<Sets> & { readonly buckets: readonly number[] },
  ): HistogramMetric<Sets>;
};

const prefix = "rekey_";
const seriesMax = 1_000;
const other = "other";

/** A registry of its own for each process; declare all metrics of a room in one file. */
export function createMetrics(options: { readonly runtime?: boolean } = {}): Metrics {
  const registry = new Registry();
  if (options.runtime === true) collectDefaultMetrics({ register: registry });
  const base = (declaration: Declaration<LabelSets>) => ({
    name: checkedName(declaration),
    help: declaration.help,
    labelNames: Object.keys(declaration.labels),
    registers: [registry],
  });
  return {
    contentType: registry.contentType,
    text: () => registry.metrics(),
    counter: (declaration) => {
      const metric = new Counter(base(declaration));
      return {
        increment: (labels, by = 1) => metric.inc(known(labels, declaration.labels), by),
      };
    },
    gauge: (declaration) => {
      const { collect } = declaration;
      const set = (labels: Readonly<Record<string, string>>, value: number): void =>
        metric.set(known(labels, declaration.labels), value);
      const metric: Gauge = new Gauge({
        ...base(declaration),
        ...(collect && { collect: () => refresh(metric, async () => collect(), set) }),
      });
      return { set };
    },
    histogram: (declaration) => {
      const metric = new Histogram({ ...base(declaration), buckets: [...declaration.buckets] });
      return {
        observe: (labels, seconds) => metric.observe(known(labels, declaration.labels), seconds),
      };
    },
  };
}

async function refresh(
  metric: Gauge,
  collect: () => Promise<readonly (readonly [Readonly<Record<string, string>>, number])[]>,
  set: (labels: Readonly<Record<string, string>>, value: number) => void,
): Promise<void> {
  const figures = await collect().catch(() => []);
  metric.reset();
  // A reset leaves a gauge without labels at 0, which would read as "no debt".
  if (figures.length === 0 && !hasLabels(metric)) metric.remove();
  for (const [labels, value] of figures) set(labels, value);
}

function hasLabels(metric: Gauge): boolean {
  return (metric as unknown as { labelNames: readonly string[] }).labelNames.length > 0;
}

// A value from outside that slipped through a cast must not make a new series.
function known(labels: Readonly<Record<string, string>>, sets: LabelSets): Record<string, string> {
  const pairs = Object.entries(sets).map(([name, values]) => {
    const value = labels[name] ?? other;
    return [name, values.includes(value) ? value : other];
  });
  return Object.fromEntries(pairs);
}

function checkedName({ name, labels }: Declaration<LabelSets>): string {
  const series = Object.values(labels).reduce((product, set) => product * (set.length + 1), 1);
  if (series > seriesMax) throw new TypeError(`${name} could have ${series} series`);
  if (!name.startsWith(prefix)) throw new TypeError(`${name} does not start with ${prefix}`);
  return name;
}
