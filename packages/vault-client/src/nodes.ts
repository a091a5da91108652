import { errorOf, isElsewhere, type Reply } from "./answer.ts";
import type { NodeConnection, WireRequest } from "./connect.ts";
import { VaultError } from "./error.ts";
import { ExchangeFailure } from "./exchange.ts";
import type { Health } from "./health.ts";

type Request = Omit<WireRequest, "connectMs" | "silenceMs">;

interface SendOptions {
  /** Ask the node that says of itself that it is active, and no other. */
  readonly atActive: boolean;
}

/** All configured addresses as one place to send to. */
export interface Nodes {
  /** The reply of the first node that executed the request. Throws VaultError. */
  send(request: Request, options: SendOptions): Promise<Reply>;
}

/**
 * A node that is sealed, a standby that would redirect, or one that cannot be reached did not execute the
 * request: the next address is asked, only configured ones. A write that may have arrived is never sent twice.
 */
export const createNodes = (connections: readonly NodeConnection[], health: Health): Nodes => {
  // The address that answered last is asked first.
  let first = 0;
  const sendToAny = async (request: Request): Promise<Reply> => {
    let worst: VaultError | undefined;
    const start = first;
    for (let attempt = 0; attempt < connections.length; attempt += 1) {
      const index = (start + attempt) % connections.length;
      const shares = connections.length - attempt;
      // Until it has answered, the next call begins with another.
      first = (index + 1) % connections.length;
      const outcome = await sendToOne(connections[index]!, request, shares);
      if (!(outcome instanceof VaultError)) {
        first = index;
        return outcome;
      }
      worst = worse(worst, outcome);
    }
    throw worst ?? new VaultError({ kind: "unreachable", providerCode: "NO_ADDRESS" });
  };
  const sendToActive = async (request: Request): Promise<Reply> => {
    const { active, problem } = await health.active(request.end);
    if (active === undefined) throw problem;
    const outcome = await sendToOne(active, request, 1);
    if (outcome instanceof VaultError) throw outcome;
    return outcome;
  };
  return {
    send: (request, { atActive }) => (atActive ? sendToActive(request) : sendToAny(request)),
  };
};

/** A reply, or the reason to ask the next node. Throws where asking another could do the effect twice. */
const sendToOne = async (
  connection: NodeConnection,
  request: Request,
  shares: number,
): Promise<Reply | VaultError> => {
  const changes = request.method !== "GET";
  try {
    const shareMs = shares === 1 ? undefined : Math.ceil(request.end.remainingMs() / shares);
    // Whoever only reads may ask the next node when this one keeps silent.
    const silenceMs = changes ? undefined : shareMs;
    const reply = await connection.send({ ...request, connectMs: shareMs, silenceMs });
    return isElsewhere(reply) ? errorOf(reply, changes) : reply;
  } catch (error) {
    const failure = errorOfFailure(error, changes);
    if (failure.kind === "timeout" || failure.unknownOutcome) throw failure;
    return failure;
  }
};

const errorOfFailure = (error: unknown, changes: boolean): VaultError => {
  if (error instanceof VaultError) return error;
  const { code, sent } = error instanceof ExchangeFailure ? error : { code: "NETWORK", sent: true };
  const kind = code === "DEADLINE" || code === "ABORTED" ? "timeout" : "unreachable";
  return new VaultError({ kind, providerCode: code, unknownOutcome: changes && sent });
};

const ranks: readonly string[] = ["unreachable", "standby", "sealed"];

// What a person has to act on wins: one sealed node says more than two that are away.
const worse = (one: VaultError | undefined, other: VaultError): VaultError =>
  one !== undefined && ranks.indexOf(one.kind) >= ranks.indexOf(other.kind) ? one : other;
