import { Fault } from "@rekey/domain";
import { silentLog } from "@rekey/runtime";
import { createVirtualClock } from "@rekey/testkit";
import { expect, test } from "vitest";
import { createInFlight } from "./in-flight.ts";

const running = () => {
  const clock = createVirtualClock();
  const stop = new AbortController();
  const lines: string[] = [];
  const log = {
    ...silentLog,
    warn: (message: string) => void lines.push(`warn: ${message}`),
    error: (message: string) => void lines.push(`error: ${message}`),
  };
  const inFlight = createInFlight({ clock, log, shutdown: { signal: stop.signal } });
  const failing = async (error: Error): Promise<void> => {
    inFlight.beside(async () => await Promise.reject(error));
    await clock.advance(0);
  };
  return { clock, stop, lines, failing };
};

test("urgent work that meets a ledger that is away is no error: it is claimed again", async () => {
  const { lines, failing } = running();
  await failing(new Fault("LEDGER_UNREACHABLE"));
  expect(lines).toEqual(["warn: urgent work waits for a part that is away"]);
});

test("urgent work that ends in a bug is an error", async () => {
  const { lines, failing } = running();
  await failing(new Error("a bug"));
  expect(lines).toEqual(["error: urgent work stopped"]);
});

test("urgent work that a stop cuts off is no error", async () => {
  const { clock, stop, lines, failing } = running();
  stop.abort();
  await clock.advance(1_000);
  await failing(new Error("aborted"));
  expect(lines).toEqual(["warn: urgent work was cut off by the stop"]);
});
