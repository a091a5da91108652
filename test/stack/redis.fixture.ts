import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { connect, type Socket } from "node:net";

const answerMaxMs = 30_000;

const open = async (port: number): Promise<Socket> => {
  const socket = connect({ port, host: "127.0.0.1" });
  socket.on("error", () => undefined);
  await once(socket, "connect", { signal: AbortSignal.timeout(answerMaxMs) });
  return socket;
};

/** One command on a connection of its own; answers Redis' first line. */
export const askRedis = async (port: number, command: string): Promise<string> => {
  const socket = await open(port);
  try {
    const answered = once(socket, "data", { signal: AbortSignal.timeout(answerMaxMs) });
    socket.write(`${command}\r\n`);
    const [bytes] = (await answered) as [Buffer];
    return bytes.toString("utf8").split("\r\n", 1)[0] ?? "";
  } finally {
    socket.destroy();
  }
};

/** Writes down every command that any client sends, until it is stopped. */
export const recordCommands = async (
  port: number,
  file: string,
): Promise<{ readonly stop: () => Promise<void> }> => {
  const socket = await open(port);
  const out = createWriteStream(file, { mode: 0o600 });
  const answered = once(socket, "data", { signal: AbortSignal.timeout(answerMaxMs) });
  socket.write("MONITOR\r\n");
  await answered;
  socket.pipe(out);
  return {
    stop: async () => {
      socket.destroy();
      await new Promise<void>((resolve) => out.end(resolve));
    },
  };
};
