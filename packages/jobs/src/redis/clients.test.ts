import { once } from "node:events";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { fixedSource } from "@rekey/runtime";
import { expect, test } from "vitest";
import { endClient, openClient } from "./clients.ts";

test("a socket that fails twice ends no process, and its client tells of the first", async () => {
  const server = createServer((socket) => socket.on("error", () => undefined));
  const accepted = once(server, "connection");
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  const place = { connection: fixedSource(`redis://127.0.0.1:${port}`) };
  const { redis } = await openClient(place, "invite");
  await accepted;
  const told: unknown[] = [];
  redis.on("error", (error) => told.push(error));
  const [first, second] = [new Error("a certificate"), new Error("an alert")];
  for (const error of [first, second]) redis.stream.emit("error", error);
  expect(told).toEqual([first]);
  endClient(redis);
  redis.stream.destroy();
  server.close();
});
