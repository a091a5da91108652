import { AsyncLocalStorage } from "node:async_hooks";
import type { IncomingMessage, RequestListener } from "node:http";
import { localActor } from "@rekey/domain";
import type { Caller } from "../network/caller.ts";
import type { Denial } from "../network/denial.ts";
import type { FailedAttempts } from "../network/failed-attempts.ts";

/** One way in: every request came by one, and it says who asks. */
export interface Door {
  identify(request: IncomingMessage): Promise<Caller | Denial>;
  /** Absent where nobody can fail. */
  readonly failures?: FailedAttempts;
  /** Of the header WWW-Authenticate. */
  readonly scheme: string;
  /** What a request without a credential lacks. */
  readonly missing: string;
}

/** The Unix socket: only its owner can open it. Whatever credentials a request carries besides, it is the owner's. */
export const socketDoor = (owner: string): Door => {
  const caller = { actor: localActor(owner), rolesBy: "the socket's owner has every role" };
  return { identify: async () => caller, scheme: "Bearer", missing: "nothing" };
};

/** Which door each request came by. */
export interface Doors {
  /** A listener that tells it of every request, before the request is served. */
  through(door: Door, listener: RequestListener): RequestListener;
  /** Whatever is asked within `body`, without any server, came by this door. */
  within<Value>(door: Door, body: () => Promise<Value>): Promise<Value>;
  of(request: IncomingMessage): Door | undefined;
}

export const createDoors = (): Doors => {
  const entered = new WeakMap<IncomingMessage, Door>();
  const inside = new AsyncLocalStorage<Door>();
  return {
    through: (door, listener) => (request, response) => {
      entered.set(request, door);
      listener(request, response);
    },
    within: async (door, body) => await inside.run(door, body),
    of: (request) => entered.get(request) ?? inside.getStore(),
  };
};
