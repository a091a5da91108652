import { decodeStatement, verifyAcknowledgement, verifyHeartbeat } from "@rekey/contracts";
import type { OutgoingRecord } from "@rekey/domain";
import { describe, expect, it } from "vitest";
import { eventually, never, useWorkload } from "./bench.fixture.ts";
import { topicAcknowledgements } from "./topic/acknowledgements.ts";

const { place, start } = useWorkload();

const statementIn = (record: OutgoingRecord | undefined) => {
  const decoded = record && decodeStatement(record);
  if (decoded?.value === undefined) throw new Error("no statement");
  return decoded.value;
};

describe("a workload that speaks by a topic", () => {
  it("signs its move and its heartbeats, under the key of the credential", async () => {
    const records: OutgoingRecord[] = [];
    const acknowledge = topicAcknowledgements(async (record) => void records.push(record));
    await start(place().options({ acknowledge, pollMs: never, onChange: async () => {} }));
    await eventually(() => expect(records).toHaveLength(2));
    expect(records.map(({ topic, key }) => [topic, key])).toEqual(
      Array.from({ length: 2 }, () => ["rekey.in.moved", "payments-db"]),
    );
    const said = records.map(statementIn);
    const of = (type: string) => said.find((one) => one.type === type)?.jws ?? "";
    const key = { ...place().keys.signing.publicJwk };
    expect(
      await verifyAcknowledgement(of("rekey.credential.moved.v1"), key, Date.now()),
    ).toMatchObject({ iss: "payments-api", credential: "payments-db", version: 1 });
    expect(await verifyHeartbeat(of("rekey.instance.alive.v1"), key, Date.now())).toMatchObject({
      iss: "payments-api",
      instance: "payments-api-1",
    });
  });

  it("signs anew and sends again when its client fails", async () => {
    const tried: OutgoingRecord[] = [];
    const acknowledge = topicAcknowledgements(async (record) => {
      if (statementIn(record).type !== "rekey.credential.moved.v1") return;
      tried.push(record);
      if (tried.length < 3) throw new Error("no broker");
    });
    await start(place().options({ acknowledge, pollMs: never, onChange: async () => {} }));
    await eventually(() => expect(tried).toHaveLength(3));
    expect(new Set(tried.map((record) => statementIn(record).jws)).size).toBe(3);
    expect(place().problems).toContain("acknowledgement: Error: no broker");
  });

  it("waits for a client that does not answer no longer than until it is closed", async () => {
    const controller = new AbortController();
    const acknowledge = topicAcknowledgements(async () => await new Promise(() => {}));
    const jws = await jwsOf();
    const said = acknowledge.moved(jws, controller.signal);
    controller.abort(new Error("closed"));
    await expect(said).rejects.toThrow("closed");
  });
});

const jwsOf = async (): Promise<string> => {
  const records: OutgoingRecord[] = [];
  const acknowledge = topicAcknowledgements(async (record) => void records.push(record));
  await start(place().options({ acknowledge, pollMs: never, onChange: async () => {} }));
  await eventually(() => expect(records.length).toBeGreaterThan(0));
  return statementIn(records[0]).jws;
};
