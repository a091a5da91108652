import { join } from "node:path";
import { mainOf, type ServiceKind } from "../kinds.ts";

/** One process, before it is one. */
export interface ServicePlan {
  readonly kind: ServiceKind;
  /** From 1. */
  readonly replica: number;
  /** Of /live, /ready and /metrics, on 127.0.0.1. */
  readonly port: number;
  readonly configFile: string;
  /** Logs and sockets. */
  readonly folder: string;
  /** What the process sees of the environment, beside what makes it this replica. */
  readonly variables: Readonly<Record<string, string>>;
  /** Another main file, for a test that wants failpoints. */
  readonly main?: string;
}

export const nameOf = ({ kind, replica }: Pick<ServicePlan, "kind" | "replica">): string =>
  `${kind}-${replica}`;

export const logFileOf = (plan: Pick<ServicePlan, "kind" | "replica" | "folder">): string =>
  join(plan.folder, "logs", `${nameOf(plan)}.log`);

/** Undefined for what has none. */
export const socketOf = (
  plan: Pick<ServicePlan, "kind" | "replica" | "folder">,
): string | undefined =>
  plan.kind === "gateway" ? join(plan.folder, `${nameOf(plan)}.sock`) : undefined;

export const readyUrlOf = (port: number): string => `http://127.0.0.1:${port}/ready`;

/** The words after `node`. */
export const wordsOf = ({ kind, configFile, main = mainOf(kind) }: ServicePlan): string[] => [
  main,
  "--config",
  configFile,
];

/** Replicas share one configuration; a port and a socket of its own come over it. */
export const variablesOf = (plan: ServicePlan): Readonly<Record<string, string>> => {
  const socket = socketOf(plan);
  return {
    ...plan.variables,
    REKEY_OPERATIONS__PORT: String(plan.port),
    ...(socket !== undefined && { REKEY_GATEWAY__SOCKET: socket }),
  };
};
