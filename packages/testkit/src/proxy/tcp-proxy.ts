import { connect, createServer } from "node:net";
import type { AddressInfo, Socket } from "node:net";

/** What the network does, to open connections and to new ones. */
export type NetworkFault =
  | { readonly kind: "none" }
  /** Each piece of data, in both directions, arrives this much later. */
  | { readonly kind: "latency"; readonly ms: number }
  /** Half open: everything stays connected and nothing passes, until another fault is set. */
  | { readonly kind: "black-hole" }
  /** New connections are reset. */
  | { readonly kind: "refuse" }
  /** A connection is reset once so many more bytes have passed in that direction. */
  | { readonly kind: "cut"; readonly afterBytes: number; readonly to: "server" | "client" };

export type TcpProxy = {
  readonly host: string;
  readonly port: number;
  /** The same connection string by way of the proxy. */
  through(url: string): string;
  set(fault: NetworkFault): void;
  /** Resets every open connection. */
  reset(): void;
  connections(): number;
  close(): Promise<void>;
};

type Link = { readonly client: Socket; readonly server: Socket };

const host = "127.0.0.1";

/** Stands before a real server and lets a test break the network between. */
export async function startTcpProxy(target: {
  readonly host: string;
  readonly port: number;
}): Promise<TcpProxy> {
  let fault: NetworkFault = { kind: "none" };
  const links = new Set<Link>();
  const reset = (): void => links.forEach(resetLink);
  const listener = createServer({ pauseOnConnect: true }, (client) => {
    if (fault.kind === "refuse") return void client.resetAndDestroy();
    const link = { client, server: connect(target) };
    links.add(link);
    join(link, { current: () => fault, onEnd: () => void links.delete(link) });
  });
  await new Promise<void>((resolve, reject) => {
    listener.once("error", reject).listen(0, host, resolve);
  });
  const { port } = listener.address() as AddressInfo;
  return {
    host,
    port,
    through: (url) => Object.assign(new URL(url), { hostname: host, port: String(port) }).href,
    set: (next) => {
      fault = next;
      for (const link of links) applyTo(link, next);
    },
    reset,
    connections: () => links.size,
    close: async () => {
      reset();
      await new Promise((resolve) => listener.close(resolve));
    },
  };
}

function join(
  link: Link,
  network: { readonly current: () => NetworkFault; readonly onEnd: () => void },
): void {
  const { client, server } = link;
  for (const socket of [client, server]) {
    socket.setNoDelay(true);
    // The other side of a reset is reset, not ended: the peer must see what really happened.
    socket.on("error", () => resetLink(link));
    socket.on("close", () => {
      network.onEnd();
      client.destroy();
      server.destroy();
    });
  }
  carry({ from: client, to: server, direction: "server", link, current: network.current });
  carry({ from: server, to: client, direction: "client", link, current: network.current });
  applyTo(link, network.current());
}

function carry(options: {
  readonly from: Socket;
  readonly to: Socket;
  readonly direction: "server" | "client";
  readonly link: Link;
  readonly current: () => NetworkFault;
}): void {
  const { from, to, direction, link, current } = options;
  let passed = 0;
  let cutting: NetworkFault | undefined;
  const pass = (chunk: Buffer): void => {
    const fault = current();
    if (fault !== cutting) [cutting, passed] = [fault, 0];
    const cuts = fault.kind === "cut" && fault.to === direction;
    const room = cuts ? Math.max(0, fault.afterBytes - passed) : chunk.length;
    passed += chunk.length;
    if (room >= chunk.length) return void to.write(chunk);
    // The first part must reach the peer before the reset takes the rest.
    to.write(chunk.subarray(0, room), () => resetLink(link));
  };
  from.on("data", (chunk: Buffer) => {
    const fault = current();
    if (fault.kind === "latency") setTimeout(() => pass(chunk), fault.ms);
    else pass(chunk);
  });
  from.on("end", () => to.end());
}

function applyTo({ client, server }: Link, fault: NetworkFault): void {
  for (const socket of [client, server]) {
    if (fault.kind === "black-hole") socket.pause();
    else socket.resume();
  }
}

function resetLink({ client, server }: Link): void {
  client.resetAndDestroy();
  server.resetAndDestroy();
}
