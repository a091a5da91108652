import type {
  Figures,
  FloodFigures,
  LeakFigures,
  MemoryFigures,
  RotationFigures,
} from "./figures.ts";

/** The first row is the head; a measure that was not asked for has only that. */
export type Rows = readonly (readonly string[])[];

const fixed = (value: number, digits: number): string => value.toFixed(digits);
const between = (value: number, low: number, high: number): string =>
  `${fixed(value, 2)} (${fixed(low, 2)}–${fixed(high, 2)})`;

const isReached = (reached: boolean): string => (reached ? "reached" : "missed");

export const leakRows = ({ M1 }: Figures): Rows => [
  [
    "layout",
    "p50 ms",
    "bare",
    "p99 ms",
    "bare",
    "ratio p50 ≤ 1.75",
    "ratio p99 ≤ 3",
    "overhead p50 ≤ 4 ms",
    "goals",
  ],
  ...(M1 === undefined
    ? []
    : [leakRow("one process", M1.oneProcess), leakRow("five processes", M1.separate)]),
];

const leakRow = (layout: string, leak: LeakFigures): readonly string[] => [
  layout,
  fixed(leak.p50Ms, 1),
  fixed(leak.bareP50Ms, 1),
  fixed(leak.p99Ms, 1),
  fixed(leak.bareP99Ms, 1),
  between(leak.ratioP50, leak.ratioP50Low, leak.ratioP50High),
  fixed(leak.ratioP99, 2),
  fixed(leak.overheadP50Ms, 1),
  isReached(leak.ratioP50 <= 1.75 && leak.ratioP99 <= 3 && leak.overheadP50Ms <= 4),
];

/** Where a leak's milliseconds go. */
export const leakPartRows = ({ M1 }: Figures): Rows => [
  ["layout", "through Kafka ms", "intake's commit", "from there to the refusal", "bare"],
  ...(M1 === undefined
    ? []
    : [leakPartRow("one process", M1.oneProcess), leakPartRow("five processes", M1.separate)]),
];

const leakPartRow = (layout: string, leak: LeakFigures): readonly string[] => [
  layout,
  ...[leak.hopMs, leak.commitMs, leak.containMs, leak.bareP50Ms].map((part) => fixed(part, 1)),
];

export const rotationRows = ({ M3 }: Figures): Rows => [
  [
    "in flight",
    "ratio wall ≥ 0.85",
    "ratio CPU",
    "per second",
    "bare",
    "CPU ms",
    "bare",
    "commits",
    "goal",
  ],
  ...(M3 === undefined ? [] : [rotationRow("8", M3.c8), rotationRow("24", M3.c24)]),
];

const rotationRow = (inFlight: string, rotation: RotationFigures): readonly string[] => [
  inFlight,
  between(rotation.ratioWall, rotation.ratioWallLow, rotation.ratioWallHigh),
  between(rotation.ratioCpu, rotation.ratioCpuLow, rotation.ratioCpuHigh),
  fixed(rotation.perSecond, 1),
  fixed(rotation.barePerSecond, 1),
  fixed(rotation.cpuMs, 1),
  fixed(rotation.bareCpuMs, 1),
  fixed(rotation.commits, 1),
  isReached(rotation.ratioWall >= 0.85),
];

export const stepRows = ({ M3 }: Figures): Rows => {
  const steps = Object.keys(M3?.c8.stepMs ?? {});
  if (M3 === undefined) return [["in flight"]];
  const row = (inFlight: string, { stepMs }: RotationFigures): readonly string[] => [
    inFlight,
    ...steps.map((step) => fixed(stepMs[step] ?? 0, 0)),
  ];
  return [["in flight", ...steps], row("8", M3.c8), row("24", M3.c24)];
};

export const floodRows = ({ M8 }: Figures): Rows => [
  ["alerts", "count", "credentials", "cases", "seconds ≤ 2.5", "goal"],
  ...(M8 === undefined
    ? []
    : [
        floodRow("each an event of its own", M8),
        floodRow("the same events again", M8.redelivered),
      ]),
];

const floodRow = (alerts: string, flood: FloodFigures): readonly string[] => [
  alerts,
  String(flood.alerts),
  String(flood.credentials),
  String(flood.cases),
  fixed(flood.seconds, 1),
  isReached(flood.seconds <= 2.5),
];

/** A heap of some 60 MB moves by itself: what is less than this for a thousand cannot be told from nothing. */
const toldHeapMb = 1;

export const memoryRows = ({ memory }: Figures): Rows => [
  ["rotations", "measured with", "heap MB", "RSS of the process MB", "goal of the heap"],
  ...(memory === undefined
    ? []
    : [memoryRow("executing", memory.executing, 10), memoryRow("waiting", memory.waiting, 0)]),
];

const memoryRow = (name: string, memory: MemoryFigures, goalMb: number): readonly string[] => [
  name,
  String(memory.rotations),
  fixed(memory.heapMb, 1),
  fixed(memory.rssMb, 0),
  goalMb === 0
    ? `0, below ${toldHeapMb}: ${isReached(memory.heapMb < toldHeapMb)}`
    : `≤ ${goalMb}: ${isReached(Number(fixed(memory.heapMb, 1)) <= goalMb)}`,
];
