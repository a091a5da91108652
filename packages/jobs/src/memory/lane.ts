import type { Clock, Hint, Serving } from "@rekey/domain";
import { stopMs } from "../pace.ts";
import { settledWithin } from "../within.ts";

/** One lane: hints by job id, and whoever serves them. */
export interface MemoryLane {
  add(id: string, hint: Hint, delayMs: number): void;
  outstanding(): number;
  serve(slots: number, perform: (hint: Hint) => Promise<void>): MemoryServing;
  lose(): void;
  /** Gives waiting hints to free slots. */
  pump(): void;
}

export interface MemoryServing extends Serving {
  kill(): void;
}

interface LaneOptions {
  readonly clock: Clock;
  readonly lockMs: number;
  readonly reachable: () => boolean;
  readonly onFailure: (error: unknown) => void;
}

interface Job {
  readonly id: string;
  readonly hint: Hint;
  state: "delayed" | "waiting" | "running";
  /** Ends the timer of a delayed job. */
  cancel: () => void;
}

interface Server {
  readonly slots: number;
  readonly perform: (hint: Hint) => Promise<void>;
  readonly running: Map<Job, Promise<void>>;
  killed: boolean;
}

export function createLane(options: LaneOptions): MemoryLane {
  const jobs = new Map<string, Job>();
  const servers = new Set<Server>();

  const finish = (server: Server, job: Job): void => {
    // A killed process says nothing any more; `kill` has seen to its jobs.
    if (server.killed) return;
    server.running.delete(job);
    if (jobs.get(job.id) === job) jobs.delete(job.id);
    pump();
  };
  const start = (server: Server, job: Job): void => {
    job.state = "running";
    const work = Promise.resolve()
      .then(() => server.perform(job.hint))
      .catch(options.onFailure)
      .then(() => finish(server, job));
    server.running.set(job, work);
  };
  const pump = (): void => {
    if (!options.reachable()) return;
    for (const job of jobs.values()) {
      const free = freest(servers);
      if (free === undefined) return;
      if (job.state === "waiting") start(free, job);
    }
  };
  const makeWaiting = (job: Job): void => {
    job.state = "waiting";
    pump();
  };
  return {
    add(id, hint, delayMs) {
      if (jobs.has(id)) return;
      const job: Job = { id, hint, state: "delayed", cancel: () => undefined };
      jobs.set(id, job);
      if (delayMs <= 0) makeWaiting(job);
      else job.cancel = options.clock.after(delayMs, () => makeWaiting(job));
    },
    outstanding: () => [...jobs.values()].filter((job) => job.state !== "delayed").length,
    serve(slots, perform) {
      const server: Server = { slots, perform, running: new Map(), killed: false };
      servers.add(server);
      pump();
      const giveBack = (): void => {
        server.killed = true;
        servers.delete(server);
        for (const job of server.running.keys()) {
          options.clock.after(options.lockMs, () => {
            if (jobs.get(job.id) === job) makeWaiting(job);
          });
        }
      };
      const stop = async (): Promise<void> => {
        servers.delete(server);
        const work = Promise.all(server.running.values());
        if (!(await settledWithin(options.clock, stopMs, work))) giveBack();
      };
      let stopped: Promise<void> | undefined;
      return { kill: giveBack, stop: () => (stopped ??= stop()) };
    },
    lose() {
      for (const job of jobs.values()) job.cancel();
      jobs.clear();
    },
    pump,
  };
}

function freest(servers: ReadonlySet<Server>): Server | undefined {
  const free = [...servers].filter((server) => server.running.size < server.slots);
  return free.toSorted((left, right) => left.running.size - right.running.size)[0];
}
