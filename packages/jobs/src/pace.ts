/** Milliseconds. Tests shorten them; a deployment has no reason to. */
export interface JobsPace {
  /** How long a dead worker keeps a job; a living one renews at half of it. */
  readonly lockMs: number;
  /** Between two looks for jobs whose worker died: takeover comes within `lockMs` + 2 of these. */
  readonly stalledMs: number;
}

export const jobsPaceDefault: JobsPace = { lockMs: 15_000, stalledMs: 5_000 };

/** The longest that `invite`, `outstanding`, `check` and `lostContents` wait for the backend. */
export const answerMs = 2_000;
/** How long `stop` waits for running handlers. */
export const stopMs = 2_000;
