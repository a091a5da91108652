import type { Lane } from "@rekey/domain";
import type { JobsOptions } from "bullmq";

/** What the dispatcher uses of a BullMQ queue; kept narrow so that both backends fit. */
export interface JobQueue {
  add(name: string, content: unknown, options: JobsOptions): Promise<unknown>;
  getJob(id: string): Promise<{ readonly data: unknown } | undefined>;
  getJobCounts(...states: ("wait" | "active" | "prioritized")[]): Promise<Record<string, number>>;
}

export interface LaneWorker {
  /** Fetches nothing more and ends the blocking wait. */
  pause(): Promise<void>;
  /** `force`: handlers still run; their jobs go back when their lock ends. */
  close(force: boolean): Promise<void>;
}

export interface WorkerRequest {
  readonly lane: Lane;
  readonly slots: number;
  /** Never rejects: what it threw would be stored in clear. */
  readonly perform: (content: unknown) => Promise<void>;
}

/** One open connection to BullMQ's storage. Its promises reject with the driver's errors. */
export interface JobsBackend {
  queue(name: Lane | "epoch"): JobQueue;
  work(request: WorkerRequest): Promise<LaneWorker>;
  /** Where reading a count does not show that hints can be stored. */
  check?(): Promise<void>;
  close(): Promise<void>;
}
