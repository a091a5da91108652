import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { eventually, never, recorder, useWorkload } from "./bench.fixture.ts";
import { openGateway } from "./gateway.fixture.ts";
import type { Value } from "./value.ts";
import { bearer } from "./workload.fixture.ts";

const { listenedUpTo, movedTo, place, start } = useWorkload();

describe("a change", () => {
  it("is learned from an announcement at once, and acknowledged with its sequence", async () => {
    const seen = recorder();
    await start(place().options({ pollMs: never, onChange: seen.handler }));
    await place().promote(2);
    place().announce(2, 7);
    await eventually(() => expect(movedTo()).toEqual([1, 2]));
    expect(place().gateway.moves[1]).toMatchObject({ version: 2, sequence: 7 });
    expect(seen.versions).toEqual([1, 2]);
  });

  it("announced with a lower or equal sequence is old news", async () => {
    const seen = recorder();
    await start(place().options({ pollMs: never, onChange: seen.handler }));
    await place().promote(2);
    place().announce(2, 7);
    await eventually(() => expect(movedTo()).toEqual([1, 2]));
    await place().promote(3);
    place().announce(3, 7);
    place().announce(3, 6);
    await listenedUpTo(3);
    expect(seen.versions).toEqual([1, 2]);
    place().announce(3, 8);
    await eventually(() => expect(seen.versions).toEqual([1, 2, 3]));
  });

  it("is the document's value, whatever version an announcement names", async () => {
    const seen = recorder();
    await start(place().options({ pollMs: never, onChange: seen.handler }));
    await place().promote(2);
    place().announce(9, 7);
    await eventually(() => expect(movedTo()).toEqual([1, 2]));
    expect(place().gateway.moves[1]).not.toHaveProperty("sequence");
  });
});

describe("a change that nobody announces", () => {
  it("reaches a workload whose feed is away, and is acknowledged when the gateway is back", async () => {
    const seen = recorder();
    // Nobody else takes its place meanwhile, as might happen to a port.
    const socketPath = join(place().home, "gateway.sock");
    await start(
      place().options({
        onChange: seen.handler,
        limits: { ...place().options().limits, heartbeatMs: 50 },
        ...place().access({ socketPath }),
      }),
    );
    await place().promote(2);
    await eventually(() => expect(seen.versions).toEqual([1, 2]));
    await eventually(() =>
      expect(place().problems.some((text) => text.startsWith("announcements: "))).toBe(true),
    );
    const back = await openGateway({ ...place().keys.signing.publicJwk }, bearer, socketPath);
    await eventually(() => expect(back.moves.map(({ version }) => version)).toEqual([2]));
    await back.close();
  });

  it("of a sibling, or the same value sealed again, is none", async () => {
    const seen = recorder();
    await start(place().options({ pollMs: 5, onChange: seen.handler }));
    const { document, credential } = { document: "team/app", credential: "payments-db" as never };
    const other = { store: place().store.instance, document, fields: { DATABASE_URL: "{secret}" } };
    const call = { signal: new AbortController().signal, deadlineMs: 20_000, key: "again" };
    const readers = [
      place().keys.reading.recipient,
      "age1lggyhqrw2nlhcxprm67z43rta597azn8gknawjehu9d9dl0jq3yqqvfafg",
    ];
    const request = { ref: { credential, version: 1 }, from: undefined, readers };
    expect(await place().store.promote(other, request, call)).toBe("already");
    await place().promote(2);
    await eventually(() => expect(seen.versions).toEqual([1, 2]));
  });
});

describe("a handler", () => {
  it("that is overtaken twice gets only the newest, and only that is acknowledged", async () => {
    const seen = recorder();
    const gate = Promise.withResolvers<void>();
    seen.gates.set(2, gate.promise);
    const consumer = await start(place().options({ pollMs: 5, onChange: seen.handler }));
    await eventually(() => expect(movedTo()).toEqual([1]));
    await place().promote(2);
    await eventually(() => expect(seen.versions).toEqual([1, 2]));
    await place().promote(3);
    await eventually(() => expect(consumer.current().version).toBe(3));
    await place().promote(4);
    await eventually(() => expect(consumer.current().version).toBe(4));
    gate.resolve();
    await eventually(() => expect(movedTo()).toEqual([1, 4]));
    expect(seen.versions).toEqual([1, 2, 4]);
  });

  it("that fails is called again, and nothing is acknowledged before it succeeds", async () => {
    let failures = 3;
    const versions: number[] = [];
    await start(
      place().options({
        onChange: ({ version }) => {
          versions.push(version);
          expect(movedTo()).toEqual([]);
          if ((failures -= 1) >= 0) throw new Error("the pool is not ready");
        },
      }),
    );
    await eventually(() => expect(movedTo()).toEqual([1]));
    expect(versions).toEqual([1, 1, 1, 1]);
  });
});

describe("handlers", () => {
  it("added later get the current value at once, and every one must move", async () => {
    const first = recorder();
    const second = recorder();
    const gate = Promise.withResolvers<void>();
    second.gates.set(2, gate.promise);
    const consumer = await start(place().options({ pollMs: 5, onChange: first.handler }));
    const unsubscribe = consumer.onChange(second.handler);
    await eventually(() => expect(second.versions).toEqual([1]));
    await eventually(() => expect(movedTo()).toContain(1));
    const before = movedTo();
    await place().promote(2);
    await eventually(() =>
      expect([first.versions, second.versions]).toEqual([
        [1, 2],
        [1, 2],
      ]),
    );
    expect(movedTo()).not.toContain(2);
    gate.resolve();
    await eventually(() => expect(movedTo()).toEqual([...before, 2]));
    unsubscribe();
    await place().promote(3);
    await eventually(() => expect(movedTo()).toEqual([...before, 2, 3]));
    expect(second.versions).toEqual([1, 2]);
  });

  it("that moved leave the superseded value wiped and the new one usable", async () => {
    const values: Value[] = [];
    await start(place().options({ pollMs: 5, onChange: (value) => void values.push(value) }));
    await place().promote(2);
    await eventually(() => expect(movedTo()).toEqual([1, 2]));
    expect(() => values[0]?.fields["DATABASE_URL"]?.reveal()).toThrow("disposed");
    expect(values[1]?.fields["DATABASE_URL"]?.reveal()).toContain("value-2");
  });
});
