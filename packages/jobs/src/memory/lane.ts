import type { Clock, Hint, Serving } from "@rekey/domain";
import { settledWithin } from "@rekey/runtime";
import { stopMs } from "../pace.ts";

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

interface State {
  readonly options: LaneOptions;
  readonly jobs: Map<string, Job>;
  readonly servers: Set<Server>;
}

export function createLane(options: LaneOptions): MemoryLane {
  const state: State = { options, jobs: new Map(), servers: new Set() };
  const { jobs } = state;
  return {
    add(id, hint, delayMs) {
      if (jobs.has(id)) return;
      const job: Job = { id, hint, state: "delayed", cancel: () => undefined };
      jobs.set(id, job);
      if (delayMs <= 0) makeWaiting(state, job);
      else job.cancel = options.clock.after(delayMs, () => makeWaiting(state, job));
    },
    outstanding: () => [...jobs.values()].filter((job) => job.state !== "delayed").length,
    serve: (slots, perform) =>
      serveOn(state, { slots, perform, running: new Map(), killed: false }),
    lose() {
      for (const job of jobs.values()) job.cancel();
      jobs.clear();
    },
    pump: () => pump(state),
  };
}

function makeWaiting(state: State, job: Job): void {
  job.state = "waiting";
  pump(state);
}

function pump(state: State): void {
  if (!state.options.reachable()) return;
  for (const job of state.jobs.values()) {
    const free = freest(state.servers);
    if (free === undefined) return;
    if (job.state === "waiting") start(state, free, job);
  }
}

function start(state: State, server: Server, job: Job): void {
  job.state = "running";
  const work = Promise.resolve()
    .then(() => server.perform(job.hint))
    .catch(state.options.onFailure)
    .then(() => finish(state, server, job));
  server.running.set(job, work);
}

function finish(state: State, server: Server, job: Job): void {
  // A killed process says nothing any more; its jobs were given back.
  if (server.killed) return;
  server.running.delete(job);
  if (state.jobs.get(job.id) === job) state.jobs.delete(job.id);
  pump(state);
}

function serveOn(state: State, server: Server): MemoryServing {
  state.servers.add(server);
  pump(state);
  const stop = async (): Promise<void> => {
    state.servers.delete(server);
    const work = Promise.all(server.running.values());
    if (!(await settledWithin(state.options.clock, stopMs, work))) giveBack(state, server);
  };
  let stopped: Promise<void> | undefined;
  return { kill: () => giveBack(state, server), stop: () => (stopped ??= stop()) };
}

function giveBack(state: State, server: Server): void {
  const { clock, lockMs } = state.options;
  server.killed = true;
  state.servers.delete(server);
  for (const job of server.running.keys()) {
    clock.after(lockMs, () => {
      if (state.jobs.get(job.id) === job) makeWaiting(state, job);
    });
  }
}

function freest(servers: ReadonlySet<Server>): Server | undefined {
  const free = [...servers].filter((server) => server.running.size < server.slots);
  return free.toSorted((left, right) => left.running.size - right.running.size)[0];
}
