import { request as plainRequest, type IncomingMessage } from "node:http";
import { request as tlsRequest } from "node:https";
import type { Clock } from "@rekey/domain";
import type { CommandFailure } from "../failure.ts";
import type { Shown } from "./connect.ts";
import { dropped, noneAnswers, trustCodes, untrusted, type Tried } from "./network-failure.ts";
import { codeOf, receive, requestOptions, type Outgoing, type Transport } from "./outgoing.ts";

/** A replica that takes longer to take a connection is passed over. */
const connectMs = 5_000;

interface NetworkOptions {
  readonly urls: readonly URL[];
  readonly show: () => Promise<Shown>;
  readonly clock: Clock;
}

/**
 * Replicas in their order, until one answers. A command goes to the next one only where nothing of it was sent: it
 * carries no key by which a second one could tell that it was done. A question is asked again.
 */
export const networkTransport =
  ({ urls, show, clock }: NetworkOptions): Transport =>
  async (outgoing) => {
    const shown = await show();
    const tried: Tried[] = [];
    for (const url of urls) {
      const attempt: Attempt = { url, outgoing, shown, clock, reached: false };
      try {
        return await send(attempt);
      } catch (error) {
        const code = codeOf(error);
        const failure = final(attempt, code);
        if (failure !== undefined) throw failure;
        tried.push({ url, code });
      }
    }
    throw noneAnswers(tried);
  };

interface Attempt {
  readonly url: URL;
  readonly outgoing: Outgoing;
  readonly shown: Shown;
  readonly clock: Clock;
  /** Connected, and its certificate trusted: from here on something may have been sent. */
  reached: boolean;
}

/** What another replica would not help with. */
const final = (
  { url, reached, outgoing: { method } }: Attempt,
  code: string,
): CommandFailure | undefined => {
  if (!reached) return trustCodes.has(code) ? untrusted(url, code) : undefined;
  return method === "POST" || code === "TIMEOUT" ? dropped({ url, code }, method) : undefined;
};

class ConnectTimeout extends Error {
  readonly code = "ETIMEDOUT";
}

const send = async (attempt: Attempt) => {
  const { url, outgoing, shown, clock } = attempt;
  const isTls = url.protocol === "https:";
  const options = requestOptions(outgoing);
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    const asking = (isTls ? tlsRequest : plainRequest)(url, {
      ...options,
      ...(isTls && { ...shown.tls, minVersion: "TLSv1.2" as const }),
      headers: { ...options.headers, ...shown.headers },
    });
    const cancel = clock.after(connectMs, () => void asking.destroy(new ConnectTimeout()));
    asking.once("socket", (socket) =>
      socket.once(isTls ? "secureConnect" : "connect", () => {
        cancel();
        attempt.reached = true;
      }),
    );
    asking.once("close", cancel).once("response", resolve).once("error", reject);
    asking.end(outgoing.content);
  });
  return await receive(answer);
};
