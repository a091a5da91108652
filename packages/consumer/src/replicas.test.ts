import { describe, expect, it } from "vitest";
import { eventually, never, recorder, useWorkload } from "./bench.fixture.ts";
import { openGateway } from "./gateway.fixture.ts";
import { bearer } from "./workload.fixture.ts";
import { gatewayAcknowledgements } from "./gateway/acknowledgements.ts";
import { gatewayAnnouncements } from "./gateway/announcements.ts";
import { Secret } from "@rekey/secret";

const { place, start } = useWorkload();

const accessTo = (...urls: readonly string[]) => {
  const access = {
    endpoint: urls.map((url) => ({ url })),
    bearer: async () => Secret.fromUtf8(bearer),
  };
  return {
    announcements: gatewayAnnouncements(access),
    acknowledge: gatewayAcknowledgements(access),
  };
};

describe("a gateway of two replicas", () => {
  it("is heard and told by the one that is left", async () => {
    const seen = recorder();
    const second = await openGateway({ ...place().keys.signing.publicJwk }, bearer);
    const access = accessTo(place().gateway.url, second.url);
    await start(place().options({ pollMs: never, onChange: seen.handler, ...access }));
    await eventually(() => expect(place().gateway.moves).toHaveLength(1));
    await place().gateway.close();
    await place().promote(2);
    second.announce({
      type: "rekey.credential.promoted.v1",
      credential: "payments-db" as never,
      version: 2,
      rotation: "01977a3e-5b5e-7c1a-8f53-0d3c6a1b2c4d" as never,
      sequence: 7,
      at: "2026-03-02T12:00:09.500Z",
    });
    await eventually(() => expect(second.moves.map(({ version }) => version)).toEqual([2]));
    await second.close();
  });

  it("is asked once where the answer is a refusal, and twice where one is not ready", async () => {
    const second = await openGateway({ ...place().keys.signing.publicJwk }, bearer);
    const { acknowledge } = accessTo(place().gateway.url, second.url);
    const { signal } = new AbortController();
    const path = "/v1/acknowledgements";
    place().gateway.failNext(path, 403, 1);
    await expect(acknowledge.moved("a.b.c", signal)).rejects.toMatchObject({ status: 403 });
    expect(second.refused).toEqual([]);
    place().gateway.failNext(path, 503, 1);
    await acknowledge.moved("a.b.c", signal);
    expect(second.refused).toHaveLength(1);
    await second.close();
  });
});
