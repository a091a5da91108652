import type { PoolClient } from "pg";

// pg's types leave it out; read in pg 8.23, which corks it for the messages of one statement.
interface Inside {
  readonly connection?: { readonly stream?: { cork(): void; uncork(): void } };
}

/**
 * Everything that `send` sends before it returns leaves in one write: each write wakes the server's process, and on
 * few processors that takes turns with what is still to be sent.
 */
export const oneWrite = <Sent>(client: PoolClient, send: () => Sent): Sent => {
  const stream = (client as unknown as Inside).connection?.stream;
  stream?.cork();
  try {
    return send();
  } finally {
    stream?.uncork();
  }
};
