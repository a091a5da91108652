import { connect, isIP, Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import type { ISocketFactory } from "kafkajs";

/** Every socket of one client, so that nothing of it can outlive its end. */
export interface Sockets {
  readonly factory: ISocketFactory;
  /** Breaks them all; the client may open new ones. */
  cut(): void;
  /** Breaks them all, and whatever is opened later. */
  end(): void;
}

const keepAliveMs = 15_000;

export function createSockets(): Sockets {
  const open = new Set<Socket>();
  let ended = false;
  const cut = (): void => {
    for (const socket of open) socket.destroy(new Error("cut by its owner"));
  };
  return {
    factory: ({ host, port, ssl, onConnect }) => {
      if (ended) return refusedSocket();
      const name = isIP(host) === 0 ? { servername: host } : {};
      const socket = ssl
        ? connectTls({ host, port, ...name, ...ssl }, onConnect)
        : connect({ host, port }, onConnect);
      socket.setKeepAlive(true, keepAliveMs).setNoDelay(true);
      open.add(socket);
      return socket.once("close", () => void open.delete(socket));
    },
    cut,
    end() {
      ended = true;
      cut();
    },
  };
}

/** Fails as a connection that was refused. */
function refusedSocket(): Socket {
  const socket = new Socket();
  setImmediate(() => socket.destroy(new Error("the client has ended")));
  return socket;
}
