import { rm } from "node:fs/promises";
import { join } from "node:path";
import { Fault } from "@rekey/domain";
import { describe, expect, it } from "vitest";
import { countingClock, eventually, recorder, useWorkload } from "./bench.fixture.ts";
import { openConsumer } from "./consumer.ts";
import { openWorkload } from "./workload.fixture.ts";

const { movedTo, place, start } = useWorkload();

describe("opening", () => {
  it("gives the first value to the handler and acknowledges it", async () => {
    const seen = recorder();
    const consumer = await start(place().options({ onChange: seen.handler }));
    expect(seen.versions).toEqual([1]);
    const url = consumer.current().fields["DATABASE_URL"]?.reveal();
    expect(url).toBe("postgresql://app_1:value-1@db:5432/app");
    await eventually(() => expect(movedTo()).toEqual([1]));
    const [claims] = place().gateway.moves;
    expect(claims).toMatchObject({
      iss: "payments-api",
      instance: "payments-api-1",
      credential: "payments-db",
    });
  });

  it("without a readable value is a fault that says why, and leaves nothing running", async () => {
    const stranger = await openWorkload();
    await stranger.promote(1);
    const { identity } = stranger.keys.reading;
    await stranger.close();
    const { reader } = place().options();
    for (const [change, code] of [
      [{ ...reader, path: join(place().home, "nothing.age") }, "STORE_VALUE_MISSING"],
      [{ ...reader, identity }, "STORE_REJECTED"],
      [{ ...reader, fields: ["NO_SUCH_FIELD"] }, "STORE_REJECTED"],
    ] as const) {
      const fault = await openConsumer(place().options({ reader: change })).catch(
        (error: unknown) => error,
      );
      expect(fault).toBeInstanceOf(Fault);
      expect((fault as Fault).code).toBe(code);
    }
    expect(place().gateway.sockets()).toBe(0);
  });

  it("without a handler nothing is acknowledged: nobody said that the value is used", async () => {
    const consumer = await start(place().options({ pollMs: 5 }));
    await place().promote(2);
    await eventually(() => expect(consumer.current().version).toBe(2));
    await eventually(() => expect(place().gateway.heartbeats.length).toBeGreaterThan(0));
    expect(place().gateway.heartbeats[0]).not.toHaveProperty("version");
    expect(movedTo()).toEqual([]);
  });
});

describe("closing", () => {
  it("leaves no loop, no connection and no value", async () => {
    const { clock, pending } = countingClock();
    const seen = recorder();
    const consumer = await openConsumer(
      place().options({ clock, pollMs: 5, onChange: seen.handler }),
    );
    await eventually(() => expect(pending()).toBeGreaterThan(0));
    await eventually(() => expect(place().gateway.polls.length).toBeGreaterThan(0));
    const { fields } = consumer.current();
    await consumer.close();
    await eventually(() => expect(place().gateway.sockets()).toBe(0));
    expect(() => fields["DATABASE_URL"]?.reveal()).toThrow("disposed");
    const polls = place().gateway.polls.length;
    await place().promote(2);
    place().announce(2, 2);
    await new Promise((resolve) => setImmediate(resolve));
    expect([seen.versions, place().gateway.polls.length]).toEqual([[1], polls]);
    expect(pending()).toBe(0);
  });

  it("does not wait for ever for a handler that hangs", async () => {
    const consumer = await openConsumer(place().options({ limits: { closeWithinMs: 20 } }));
    const told: AbortSignal[] = [];
    consumer.onChange((_value, signal) => {
      told.push(signal);
      return new Promise(() => {});
    });
    await consumer.close();
    expect(told.map(({ aborted }) => aborted)).toEqual([true]);
    await consumer.close();
  });

  it("is harmless when the document went away before", async () => {
    const consumer = await openConsumer(place().options({ pollMs: 5 }));
    await rm(join(place().home, "documents"), { recursive: true });
    expect(consumer.current().version).toBe(1);
    await consumer.close();
  });
});
