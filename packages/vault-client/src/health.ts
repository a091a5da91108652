import { bodyOf, type Reply } from "./answer.ts";
import type { NodeConnection } from "./connect.ts";
import type { Deadline } from "./deadline.ts";
import { VaultError, type VaultKind } from "./error.ts";
import { vaultPath } from "./path.ts";

/** What a node says of itself. */
type NodeState = "active" | "standby" | "sealed" | "uninitialised" | "unreachable";

export interface NodeHealth {
  readonly address: string;
  readonly state: NodeState;
  readonly version?: string;
}

export interface Health {
  all(end: Deadline): Promise<readonly NodeHealth[]>;
  /** The active node, or why there is none. */
  active(
    end: Deadline,
  ): Promise<{ readonly active: NodeConnection | undefined; readonly problem: VaultError }>;
}

// Codes of sys/health: a disaster-recovery secondary and a performance standby are no active nodes either.
const states: Readonly<Record<number, NodeState>> = {
  200: "active",
  429: "standby",
  472: "standby",
  473: "standby",
  501: "uninitialised",
  503: "sealed",
};

const path = vaultPath`sys/health`;

export const createHealth = (connections: readonly NodeConnection[]): Health => {
  const all: Health["all"] = (end) =>
    Promise.all(connections.map((connection) => healthOf(connection, end)));
  return {
    all,
    active: async (end) => {
      const found: NodeHealth[] = [];
      // The first that says so: a silent standby delays nothing.
      const asking = connections.map(async (connection) => {
        const health = await healthOf(connection, end);
        found.push(health);
        if (health.state !== "active") throw problemOf(found);
        return connection;
      });
      const active = await Promise.any(asking).catch((_nobody: AggregateError) => undefined);
      return { active, problem: problemOf(found) };
    },
  };
};

const healthOf = async (connection: NodeConnection, end: Deadline): Promise<NodeHealth> => {
  const { address } = connection;
  try {
    // The rest of the time is for what is asked of the active node.
    const silenceMs = end.remainingMs() / 2;
    const reply = await connection.send({
      method: "GET",
      path,
      end,
      connectMs: silenceMs,
      silenceMs,
    });
    return { address, state: states[reply.status] ?? "unreachable", ...versionOf(reply) };
  } catch {
    return { address, state: "unreachable" };
  }
};

const versionOf = (reply: Reply): { readonly version?: string } => {
  const version = bodyOf(reply)?.["version"];
  return typeof version === "string" ? { version } : {};
};

const problemOf = (found: readonly NodeHealth[]): VaultError => {
  const kind = (["sealed", "standby"] as const).find((one) =>
    found.some(({ state }) => state === one),
  );
  const worst: VaultKind = kind ?? "unreachable";
  return new VaultError({ kind: worst, providerCode: "NO_ACTIVE_NODE" });
};
