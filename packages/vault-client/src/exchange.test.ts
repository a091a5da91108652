import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { systemClock } from "@rekey/runtime";
import { expect, test } from "vitest";
import { deadlineOf } from "./deadline.ts";
import { ExchangeFailure, openExchange } from "./exchange.ts";

const requests = 130;
const answered = 64;

test("a request that waited for a used connection, and is cut off there, may have reached the server", async () => {
  let heard = 0;
  // As many as there are connections are answered, so that those are used again; what comes after is cut off.
  const server = createServer((request, response) => {
    heard += 1;
    if (heard <= answered) response.end("{}");
    else request.socket.destroy();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const exchange = openExchange(systemClock, undefined);
  const send = async () =>
    await exchange
      .send({
        url: `http://127.0.0.1:${port}/`,
        method: "POST",
        headers: {},
        body: "{}",
        end: deadlineOf({ signal: new AbortController().signal, deadlineMs: 10_000 }, systemClock),
        connectMs: 5_000,
        silenceMs: undefined,
      })
      .then(
        () => "answered" as const,
        (error: unknown) => (error instanceof ExchangeFailure ? error.sent : "another failure"),
      );
  const ends = await Promise.all(Array.from({ length: requests }, send));
  exchange.close();
  server.close();
  expect(ends.filter((end) => end === "answered")).toHaveLength(answered);
  expect(ends.filter((end) => end !== "answered" && end !== true)).toEqual([]);
});
