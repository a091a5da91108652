import { allOrNone, freePort, waitFor, type Launched } from "@rekey/stack";
import { serviceKinds, type ServiceKind } from "../kinds.ts";
import { launchService, untilReady } from "./launch-service.ts";
import { logFileOf, readyUrlOf, socketOf, type ServicePlan } from "./plan.ts";
import { problemOf } from "./readiness.ts";

/** A service that was started here, and that ends with this process at the latest. */
export interface ServiceProcess {
  readonly kind: ServiceKind;
  /** From 1. */
  readonly replica: number;
  /** Another one after `restart`. */
  readonly pid: number;
  /** Of /live, /ready and /metrics; stays the same. */
  readonly port: number;
  readonly readyUrl: string;
  readonly logFile: string;
  /** The gateway's. */
  readonly socket: string | undefined;
  hasEnded(): boolean;
  /** Asks /ready once. */
  ready(): Promise<boolean>;
  /** SIGTERM, and SIGKILL after 5 s. Safe to repeat. */
  stop(): Promise<void>;
  /** As kill -9. */
  kill(): Promise<void>;
  /** SIGSTOP: connections stay open and nothing answers. */
  pause(): void;
  /** SIGCONT. */
  resume(): void;
  /** Stops it if it runs, and waits until it is ready again. */
  restart(): Promise<void>;
}

export interface StartOptions {
  /** What `prepareServices` answered. */
  readonly configFile: string;
  /** Logs and sockets. */
  readonly folder: string;
  readonly variables: Readonly<Record<string, string>>;
  /** All five by default. */
  readonly kinds?: readonly ServiceKind[];
  /** Of each kind; 1 by default. */
  readonly replicas?: number;
  /** Free ones by default. */
  readonly portOf?: (kind: ServiceKind, replica: number) => number;
  /** Another main file, for a test that wants failpoints. */
  readonly mainOf?: (kind: ServiceKind) => string;
}

/** SIGTERM has so long; the service itself gives up what does not end before that. */
export const stopMaxMs = 5_000;

/** Starts services and waits until each is ready; when one does not get there, none is left. Throws START_FAILED. */
export const startServices = async (options: StartOptions): Promise<readonly ServiceProcess[]> => {
  const plans = await plansOf(options);
  const starting = plans.map(async (plan) => await startOne(plan));
  return await allOrNone(starting, async (service) => await service.stop());
};

const plansOf = async (options: StartOptions): Promise<readonly ServicePlan[]> => {
  const { kinds = serviceKinds, replicas = 1, portOf, mainOf, ...shared } = options;
  const plans: ServicePlan[] = [];
  for (const kind of kinds) {
    for (let replica = 1; replica <= replicas; replica += 1) {
      const port = portOf?.(kind, replica) ?? (await freePort());
      plans.push({ ...shared, kind, replica, port, ...(mainOf && { main: mainOf(kind) }) });
    }
  }
  return plans;
};

const startOne = async (plan: ServicePlan): Promise<ServiceProcess> => {
  let launched = await launchAndWait(plan);
  const signal = (which: NodeJS.Signals): void => {
    if (!launched.hasEnded()) process.kill(launched.pid, which);
  };
  const end = async (which: "SIGTERM" | "SIGKILL"): Promise<void> => {
    signal(which);
    // A paused process keeps SIGTERM waiting.
    signal("SIGCONT");
    if (!(await waitFor(() => launched.hasEnded(), stopMaxMs))) signal("SIGKILL");
    await launched.ended;
  };
  return {
    kind: plan.kind,
    replica: plan.replica,
    port: plan.port,
    readyUrl: readyUrlOf(plan.port),
    logFile: logFileOf(plan),
    socket: socketOf(plan),
    get pid() {
      return launched.pid;
    },
    hasEnded: () => launched.hasEnded(),
    ready: async () => (await problemOf(plan.port)) === undefined,
    stop: () => end("SIGTERM"),
    kill: () => end("SIGKILL"),
    pause: () => signal("SIGSTOP"),
    resume: () => signal("SIGCONT"),
    restart: async () => {
      await end("SIGTERM");
      launched = await launchAndWait(plan);
    },
  };
};

const launchAndWait = async (plan: ServicePlan): Promise<Launched> => {
  const launched = await launchService(plan, false);
  try {
    await untilReady(plan, launched);
    return launched;
  } catch (error) {
    if (!launched.hasEnded()) process.kill(launched.pid, "SIGKILL");
    throw error;
  }
};
