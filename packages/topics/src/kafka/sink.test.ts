import { once } from "node:events";
import { connect, createServer } from "node:net";
import type { AddressInfo, Server, Socket } from "node:net";
import { silentLog } from "@rekey/runtime";
import { Secret } from "@rekey/secret";
import { createVirtualClock, eventually } from "@rekey/testkit";
import { afterEach, beforeEach, expect, test } from "vitest";
import { gate } from "../suite/world.suite.ts";
import { createAdminAccess } from "./admin.ts";
import { kafkaPaceDefault } from "./pace.ts";
import { createKafkaSink } from "./sink.ts";

let server: Server;
let callers: Socket[];
beforeEach(async () => {
  callers = [];
  server = createServer((caller) => void callers.push(caller));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
});
afterEach(() => {
  for (const caller of callers) caller.destroy();
  server.close();
});

const port = (): number => (server.address() as AddressInfo).port;

/** A sink whose secret takes as long as the gate is closed. */
function slowSink() {
  const answered = gate();
  const clock = createVirtualClock();
  const reads: string[] = [];
  const password = {
    read: async () => {
      reads.push("password");
      await answered.opened;
      return Secret.fromUtf8("p");
    },
    invalidate: () => undefined,
  };
  const sasl = { mechanism: "plain" as const, username: "u", password };
  const connection = { brokers: [`127.0.0.1:${port()}`], clientId: "c", sasl, log: silentLog };
  const admin = createAdminAccess(connection, clock);
  const topics = new Set(["t"]);
  const sink = createKafkaSink({ connection, clock, pace: kafkaPaceDefault, admin, topics });
  return { answered, clock, reads, sink };
}

const record = { topic: "t", key: "k", headers: {}, value: Buffer.from("v") };

/** A connection of our own: whatever was asked for before has arrived when this one has. */
async function knock(): Promise<void> {
  const own = connect(port(), "127.0.0.1");
  await once(own, "connect");
  const { localPort } = own;
  await eventually(() => callers.some(({ remotePort }) => remotePort === localPort));
  own.destroy();
}

test("an append that was given up is not sent when its secret comes at last", async () => {
  const { answered, clock, reads, sink } = slowSink();
  const appending = sink.append([record]).catch((error: unknown) => error);
  await eventually(() => reads.length === 1);
  await clock.advance(kafkaPaceDefault.appendMs);
  expect(await appending).toMatchObject({ providerCode: "DEADLINE" });
  await sink.close();
  answered.open();
  await knock();
  await knock();
  expect(callers).toHaveLength(2);
});

test("what waits when the log closes is refused, and nobody connects for it", async () => {
  const { answered, clock, reads, sink } = slowSink();
  const outcome = (append: Promise<void>) => append.catch((error: unknown) => error);
  const first = outcome(sink.append([record]));
  await eventually(() => reads.length === 1);
  const second = outcome(sink.append([record]));
  const closing = sink.close();
  await clock.advance(1_000);
  answered.open();
  expect(await first).toMatchObject({ providerCode: "CLOSED" });
  expect(await second).toMatchObject({ providerCode: "CLOSED" });
  await closing;
  await knock();
  await knock();
  expect(callers).toHaveLength(2);
});
