import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { eventually, useWorkload } from "./bench.fixture.ts";
import { openGateway } from "./gateway.fixture.ts";
import { bearer } from "./workload.fixture.ts";

const { movedTo, place, start } = useWorkload();

describe("what is told to the gateway", () => {
  it("survives refusals in between: the newest move is told until it is heard", async () => {
    place().gateway.failNext("/v1/acknowledgements", 503, 3);
    await start(place().options({ onChange: () => {} }));
    await eventually(() => expect(movedTo()).toEqual([1]));
    expect(place().problems.filter((text) => text.startsWith("acknowledgement"))).toHaveLength(3);
    expect(place().gateway.refused).toEqual([]);
  });

  it("rests after bounded tries and goes on with the next heartbeat", async () => {
    place().gateway.failNext("/v1/acknowledgements", 503, 7);
    const limits = { ...place().options().limits, heartbeatMs: 200 };
    await start(place().options({ onChange: () => {}, limits }));
    await eventually(() => expect(movedTo()).toEqual([1]));
    await eventually(() => expect(place().gateway.heartbeats.length).toBeGreaterThan(1));
  });

  it("never holds a bearer, a value or a key in a problem", async () => {
    place().gateway.failNext("/v1/announcements", 500, 2);
    place().gateway.failNext("/v1/acknowledgements", 401, 2);
    await start(place().options({ onChange: () => {} }));
    await eventually(() => expect(movedTo()).toEqual([1]));
    expect(place().problems.length).toBeGreaterThan(0);
    const told = place().problems.join("\n");
    for (const canary of [bearer, "value-1", "AGE-SECRET", '"d"'])
      expect(told).not.toContain(canary);
  });

  it("goes over a Unix socket as well", async () => {
    const socketPath = join(place().home, "gateway.sock");
    const gateway = await openGateway({ ...place().keys.signing.publicJwk }, bearer, socketPath);
    const consumer = await start(
      place().options({ onChange: () => {}, ...place().access({ socketPath }) }),
    );
    await eventually(() => expect(gateway.moves.map(({ version }) => version)).toEqual([1]));
    await consumer.close();
    await gateway.close();
  });

  it("goes to another machine over https alone", async () => {
    const gate = place().access({ url: "http://gateway.example" });
    const signal = new AbortController().signal;
    await expect(gate.acknowledge?.moved("jws", signal)).rejects.toThrow("needs https");
  });
});
