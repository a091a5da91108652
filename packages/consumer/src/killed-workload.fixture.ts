import { readFile } from "node:fs/promises";
import { consumerId, credentialId } from "@rekey/domain";
import { Secret } from "@rekey/secret";
import { openConsumer } from "./consumer.ts";
import { gatewayAcknowledgements } from "./gateway/acknowledgements.ts";
import { gatewayAnnouncements } from "./gateway/announcements.ts";

/** A workload in a process of its own; keys are a test's. Says each version it is given. Started by killed.test.ts. */
export interface WorkloadOrder {
  readonly url: string;
  readonly bearer: string;
  readonly path: string;
  readonly signingKey: string;
  readonly identity: string;
  /** The handler never returns for this version. */
  readonly hangsAt?: number;
}

const order = JSON.parse(await readFile(process.argv[2] ?? "", "utf8")) as WorkloadOrder;
const access = { endpoint: { url: order.url }, bearer: async () => Secret.fromUtf8(order.bearer) };

await openConsumer({
  id: consumerId("payments-api"),
  instance: `payments-api-${process.pid}`,
  credential: credentialId("payments-db"),
  signingKey: Secret.fromUtf8(order.signingKey),
  reader: {
    path: order.path,
    identity: Secret.fromUtf8(order.identity),
    fields: ["DATABASE_URL"],
  },
  announcements: gatewayAnnouncements(access),
  acknowledge: gatewayAcknowledgements(access),
  onChange: async ({ version }) => {
    process.stdout.write(`given ${version}\n`);
    if (version === order.hangsAt) await new Promise(() => {});
  },
});
