/** Milliseconds of a leak, from before its event is published to behind the refused login. */
export interface LeakFigures {
  readonly samples: number;
  readonly rounds: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly bareP50Ms: number;
  readonly bareP99Ms: number;
  readonly overheadP50Ms: number;
  readonly overheadP99Ms: number;
  /** Of each round's p50 to that round's bare p50: the median, and between which it lay. */
  readonly ratioP50: number;
  readonly ratioP50Low: number;
  readonly ratioP50High: number;
  /** Of all samples together: a round has too few for a p99 of its own. */
  readonly ratioP99: number;
  /** Medians of its parts: through Kafka, intake's commit, and from there to the refused login. */
  readonly hopMs: number;
  readonly commitMs: number;
  readonly containMs: number;
}

/** Planned rotations at one concurrency; a ratio of 1 is as fast, or as cheap, as the bare calls. */
export interface RotationFigures {
  readonly rounds: number;
  readonly rotationsPerRound: number;
  readonly ratioWall: number;
  readonly ratioWallLow: number;
  readonly ratioWallHigh: number;
  readonly ratioCpu: number;
  readonly ratioCpuLow: number;
  readonly ratioCpuHigh: number;
  readonly perSecond: number;
  readonly barePerSecond: number;
  readonly cpuMs: number;
  readonly bareCpuMs: number;
  /** Of the ledger, for each rotation. */
  readonly commits: number;
  /** From the commit that intended a step to the one that recorded it, milliseconds. */
  readonly stepMs: Readonly<Record<string, number>>;
}

export interface FloodFigures {
  readonly alerts: number;
  readonly credentials: number;
  readonly cases: number;
  readonly seconds: number;
}

export interface MemoryFigures {
  readonly rotations: number;
  /** What each thousand more take, in megabytes. */
  readonly heapMb: number;
  /** Of the whole process, as garbage that came in between stays in it. */
  readonly rssMb: number;
}

/** What a run found; what was not asked for is absent. */
export interface Figures {
  readonly M1?: { readonly oneProcess: LeakFigures; readonly separate: LeakFigures };
  readonly M3?: { readonly c8: RotationFigures; readonly c24: RotationFigures };
  /** Each alert an event of its own; and one event for each credential, delivered again and again. */
  readonly M8?: FloodFigures & { readonly redelivered: FloodFigures };
  readonly memory?: { readonly executing: MemoryFigures; readonly waiting: MemoryFigures };
}
