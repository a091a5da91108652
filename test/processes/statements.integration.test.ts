import { readFile } from "node:fs/promises";
import { join } from "node:path";
import {
  generateConsumerKeys,
  openConsumer,
  topicAcknowledgements,
  type Consumer,
} from "@rekey/consumer";
import { apiRoutes, topicNames } from "@rekey/contracts";
import { consumerId, credentialId, type OutgoingRecord } from "@rekey/domain";
import { fixedSource, silentLog, systemClock } from "@rekey/runtime";
import { Secret } from "@rekey/secret";
import { documentPath } from "@rekey/stores";
import { eventually } from "@rekey/testkit";
import { openEmbeddedTopics, type EmbeddedTopics } from "@rekey/topics";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { urlField } from "./connect.ts";
import { inventoryOf } from "./installation.fixture.ts";
import { ownDatabase } from "./own-database.fixture.ts";
import { errorsIn } from "./rekey-process.fixture.ts";
import { openStage, payments, slowMachine, type Stage } from "./stage.fixture.ts";

vi.setConfig(slowMachine);

const id = "payments-api";
const within = { withinMs: 120_000, everyMs: 50 };

let stage: Stage;
let topics: EmbeddedTopics;
let workload: Consumer;
const sent: OutgoingRecord[] = [];

beforeAll(async () => {
  stage = await openStage({ credentials: [payments], minted: true });
  topics = await openEmbeddedTopics({
    connection: fixedSource(ownDatabase(stage.installation).url),
    log: silentLog,
    clock: systemClock,
    topics: [{ name: topicNames.moved }],
  });
  const keys = await generateConsumerKeys();
  await declare({ ...keys.signing.publicJwk });
  const { folder, sealing } = stage.installation;
  workload = await openConsumer({
    id: consumerId(id),
    instance: "pod-1",
    credential: credentialId(payments.id),
    signingKey: keys.signing.privateJwk,
    reader: {
      path: documentPath(join(folder, "documents"), payments.id),
      identity: Secret.fromUtf8((await readFile(sealing.keyFile, "utf8")).trim()),
      fields: [urlField],
    },
    acknowledge: topicAcknowledgements(async (record) => {
      sent.push(record);
      await topics.sink.append([record]);
    }),
    onChange: async () => {},
  });
});

afterAll(async () => {
  await workload?.close();
  await topics?.close();
  await stage?.close();
});

const declare = async ({ kty, crv, x }: Readonly<Record<string, unknown>>): Promise<void> => {
  const { credentials, ...rest } = inventoryOf([payments]);
  const shared = { identity: "payments", environment: "production", service: id };
  const document = {
    ...rest,
    consumers: [{ id, ...shared, signingKey: { kty, crv, x } }],
    credentials: credentials.map((one) => ({ ...one, consumers: [id] })),
  };
  await stage.installation.api.ask(apiRoutes.inventory.apply, { body: { document } });
};

const instances = async () =>
  (await stage.acts.show(payments.id)).consumers.flatMap((view) => view.instances);

const bytes = new TextEncoder();

test("a workload that speaks by the topic is heard, and a rotation ends by its word", async () => {
  await eventually(async () => {
    expect(await instances()).toMatchObject([{ instance: "pod-1", version: 1, counted: true }]);
    return true;
  }, within);
  await stage.acts.rotate(payments.id);
  expect(workload.current().version).toBe(2);
  expect(await instances()).toMatchObject([{ instance: "pod-1", version: 2, counted: true }]);
});

test("what cannot be read is quarantined, what is said again changes nothing, and the partition goes on", async () => {
  const [{ topic, key, headers } = must(), ...others] = sent;
  const before = (await stage.acts.audit(payments.id)).length;
  await topics.sink.append([{ topic, key, headers, value: bytes.encode("hunter2") }]);
  for (const record of [...others, must()]) await topics.sink.append([record]);
  const said = await eventually(
    async () => (await stage.acts.signals()).find(({ source }) => source === "moved") ?? false,
    within,
  );
  expect(said).toMatchObject({ outcome: "quarantined", reason: "is not valid JSON" });
  await stage.acts.rotate(payments.id);
  expect(workload.current().version).toBe(3);
  const moves = (await stage.acts.audit(payments.id))
    .slice(before)
    .filter(({ type, detail }) => type === "consumer.moved" && detail["instance"] === "pod-1");
  expect(moves.map(({ version }) => version)).toEqual([3]);
  expect(stage.installation.processes.flatMap((one) => errorsIn(one.log()))).toEqual([]);
});

const must = (): OutgoingRecord => {
  const [first] = sent;
  if (first === undefined) throw new Error("the workload said nothing");
  return first;
};
