import { createWriteStream } from "node:fs";
import { readFile } from "node:fs/promises";
import { argv } from "node:process";
import { gatewayAcknowledgements, gatewayAnnouncements, openConsumer } from "@rekey/consumer";
import { consumerId, credentialId } from "@rekey/domain";
import { Secret } from "@rekey/secret";
import { openPayments } from "./payments/connect.ts";
import { startPayments } from "./payments/payment-stream.ts";
import type { ServiceSettings } from "./payments/service-settings.ts";
import { untilAskedToStop } from "./run/asked-to-stop.ts";

// A workload like any other: it knows its document, its keys and the gateway, and nothing else of Rekey.
const settings = JSON.parse(await readFile(argv[2] ?? "", "utf8")) as ServiceSettings;
const secretFile = async (path: string): Promise<Secret> =>
  Secret.fromUtf8((await readFile(path, "utf8")).trim());

const attempts = createWriteStream(settings.attempts, { flags: "a" });
const payments = startPayments({
  everyMs: settings.everyMs,
  now: Date.now,
  record: (line) => attempts.write(`${JSON.stringify(line)}\n`),
});
const gateway = {
  endpoint: { socketPath: settings.socket },
  bearer: () => secretFile(settings.bearer),
};
const consumer = await openConsumer({
  id: consumerId(settings.consumer),
  instance: settings.instance,
  credential: credentialId(settings.credential),
  signingKey: await secretFile(settings.signingKey),
  reader: {
    path: settings.document,
    identity: await secretFile(settings.readingKey),
    fields: [settings.field],
  },
  announcements: gatewayAnnouncements(gateway),
  acknowledge: gatewayAcknowledgements(gateway),
  onChange: async (value) => {
    const url = value.fields[settings.field];
    if (url === undefined) throw new TypeError("the document has no connection string");
    await payments.use(await openPayments(url), value.version);
  },
  onProblem: ({ during, error }) => console.error(`${during}: ${String(error)}`),
  // The demonstration kills Rekey: its workloads look for it again sooner than real ones have to.
  limits: { heartbeatMs: 2_000, retryMsMax: 1_000 },
});

await untilAskedToStop();
await payments.stop();
await consumer.close();
await new Promise<void>((resolve) => attempts.end(resolve));
