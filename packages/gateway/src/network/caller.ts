import type { Actor, ConsumerId } from "@rekey/domain";

/** Who asks, after their credential was accepted. */
export interface Caller {
  readonly actor: Actor;
  /** A workload speaks for this consumer alone; undefined for people and tools. */
  readonly consumer?: ConsumerId;
  /** Which configuration gives this caller its roles. */
  readonly rolesBy: string;
}
