import { request, type IncomingMessage } from "node:http";
import { CommandFailure, exitCodes } from "../failure.ts";
import { codeOf, receive, requestOptions, type Transport } from "./outgoing.ts";

/** The gateway of this machine, at its Unix socket. */
export const socketTransport =
  (socketPath: string): Transport =>
  async (outgoing) => {
    try {
      const answer = await new Promise<IncomingMessage>((resolve, reject) => {
        request({ ...requestOptions(outgoing), socketPath })
          .once("response", resolve)
          .once("error", reject)
          .end(outgoing.content);
      });
      return await receive(answer);
    } catch (error) {
      throw unreachable(socketPath, codeOf(error));
    }
  };

const startIt =
  "start it with `rekey up`, or the services with `services up`, which prints their socket; then say where it runs with --socket or --url (REKEY_SOCKET, REKEY_URL)";

const found: Readonly<Record<string, string>> = {
  ENOENT: "there is no socket",
  ECONNREFUSED: "nobody listens",
  EACCES: "it belongs to another user",
  TIMEOUT: "it does not answer in time",
};

const unreachable = (socketPath: string, code: string): CommandFailure =>
  new CommandFailure(
    `no gateway answers at ${socketPath}: ${found[code] ?? `the connection failed (${code})`}`,
    { exitCode: exitCodes.unreachable, next: startIt },
  );
