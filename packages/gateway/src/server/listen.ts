import { lstat, unlink } from "node:fs/promises";
import type { Server } from "node:http";
import { connect } from "node:net";
import { ConfigFault } from "@rekey/runtime";

/** Longest path of a Unix socket that both Linux and macOS take. */
const pathBytesMax = 103;
const probeMs = 1_000;
/** Only the owner may connect: 0600. */
const ownerOnly = 0o177;

/**
 * Listens at a Unix socket with mode 0600. A socket file that a dead process left is replaced; one that
 * somebody answers at, or a file that is no socket, is refused with a ConfigFault.
 */
export const listenAtSocket = async (server: Server, path: string): Promise<void> => {
  if (Buffer.byteLength(path) > pathBytesMax)
    throw refused(`${path} is longer than ${pathBytesMax} bytes: choose a shorter path`);
  await clearStale(path);
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    // The bind happens inside the call, so no other file is made under this mask.
    const before = process.umask(ownerOnly);
    try {
      server.listen(path, () => {
        server.removeListener("error", reject);
        resolve();
      });
    } finally {
      process.umask(before);
    }
  });
};

const refused = (text: string): ConfigFault => new ConfigFault([{ path: "socket", text }]);

const clearStale = async (path: string): Promise<void> => {
  const found = await lstat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw refused(`${path} cannot be looked at (${error.code ?? "unknown"})`);
  });
  if (found === undefined) return;
  if (!found.isSocket()) throw refused(`${path} is there and is no socket: move it away`);
  if (await answers(path))
    throw refused(`another process answers at ${path}: stop it, or choose another socket`);
  await unlink(path);
};

/** Only a refused connection shows that nobody is there; whatever else it is, it is not ours to remove. */
const answers = async (path: string): Promise<boolean> =>
  await new Promise<boolean>((resolve) => {
    const socket = connect(path);
    const settle = (alive: boolean): void => {
      socket.destroy();
      resolve(alive);
    };
    socket.setTimeout(probeMs, () => settle(true));
    socket.once("connect", () => settle(true));
    socket.once("error", (error: NodeJS.ErrnoException) => settle(error.code !== "ECONNREFUSED"));
  });
