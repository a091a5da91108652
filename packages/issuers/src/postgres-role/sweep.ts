import { setTimeout as pause } from "node:timers/promises";
import type { Call } from "@rekey/domain";
import type { RoleFacts, RoleServer } from "./client.ts";
import { ServerFailure } from "./failure.ts";

const roundsMax = 60;
const firstPauseMs = 2;
const pauseMsMax = 100;

/**
 * Ends every session of a role and waits until none is left; answers how many there were, those told to end
 * before included. A session whose login was accepted just before NOLOGIN appears after the first round, so one
 * round is not enough.
 */
export async function endSessions(
  server: RoleServer,
  { role, before = [] }: { readonly role: RoleFacts; readonly before?: readonly string[] },
  call: Call,
): Promise<number> {
  const told = new Set<string>(before);
  for (let round = 0; round < roundsMax; round += 1) {
    const alive = await server.terminate(role, call);
    if (alive.length === 0) return told.size;
    for (const session of alive) told.add(session);
    await pause(Math.min(pauseMsMax, firstPauseMs * 2 ** round));
  }
  throw new ServerFailure({ code: "sessions-remain", sent: true });
}
