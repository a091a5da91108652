import type { Call } from "@rekey/domain";
import type { Client } from "pg";
import type { HeldLogin, LoginRefusal, LoginRequest } from "./client.ts";
import { ended, loginClient, refusalOf, type Tls } from "./connect.ts";
import { deadlineOf } from "./deadline.ts";

// pg's types leave these out; read in pg 8.23. Without them nothing is held, and a login ends before it is asked.
interface Inside {
  readonly connection: {
    sendSCRAMClientFinalMessage(proof: string): void;
    /** What answers every request for the password itself, in clear or as MD5. */
    password(password: string): void;
    readonly stream: { destroy(): void };
  };
}

/** Not held up to its last word: the server had answered before, or would have. That proves nothing of what came after. */
const early: LoginRefusal = { code: "early", message: "", routine: undefined };

/**
 * A login up to the proof that it knows the password: connected, and the proof computed. PostgreSQL looks
 * whether a role may log in when it has the proof (InitializeSessionUserId), with the catalog of that moment.
 */
export function holdLogin(request: LoginRequest, call: Call, tls: Tls | undefined): HeldLogin {
  const client = loginClient(request, call, tls);
  const asked = Promise.withResolvers<void>();
  holdProof(client, asked.promise);
  const state = { isAsked: false, isEarly: false };
  keepPassword(client, () => void (state.isEarly = true));
  const answered = client.connect().then(() => undefined, refusalOf);
  void answered.then(() => {
    if (state.isAsked) return;
    state.isEarly = true;
    void ended(client);
  });
  return {
    finish: async (own) => {
      if (state.isEarly) return early;
      state.isAsked = true;
      asked.resolve();
      const deadline = deadlineOf(own);
      try {
        return await deadline.race(answered, true).catch(refusalOf);
      } finally {
        deadline.clear();
        void ended(client);
      }
    },
    drop: () => insideOf(client).stream.destroy(),
  };
}

const insideOf = (client: Client): Inside["connection"] => (client as unknown as Inside).connection;

function holdProof(client: Client, asked: Promise<void>): void {
  const connection = insideOf(client);
  const send = connection.sendSCRAMClientFinalMessage.bind(connection);
  connection.sendSCRAMClientFinalMessage = (proof) => void asked.then(() => send(proof));
}

/**
 * Given the password itself (LDAP, PAM and RADIUS want it too), the server decides at once: it is not given, so
 * that no session of ours is open when sessions are ended and counted.
 */
function keepPassword(client: Client, kept: () => void): void {
  const connection = insideOf(client);
  connection.password = () => {
    kept();
    connection.stream.destroy();
  };
}
