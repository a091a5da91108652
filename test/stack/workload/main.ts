import { appendFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import {
  gatewayAcknowledgements,
  gatewayAnnouncements,
  openConsumer,
  vaultKvReader,
} from "@rekey/consumer";
import { consumerId, credentialId } from "@rekey/domain";
import { Secret } from "@rekey/secret";
import { loginToVault } from "./connect.ts";
import { startPayments, type PaymentLine } from "./payment-stream.ts";
import type { ServiceSettings } from "./settings.ts";

// A workload like any other: it knows its documents, its keys and the gateway, and nothing else of Rekey.
const settings = JSON.parse(await readFile(process.argv[2] ?? "", "utf8")) as ServiceSettings;
const record = (line: PaymentLine): void =>
  appendFileSync(settings.attempts, `${JSON.stringify(line)}\n`);
const secretFile = async (path: string): Promise<Secret> =>
  Secret.fromUtf8((await readFile(path, "utf8")).trim());

const gateway = {
  endpoint: settings.sockets.map((socketPath) => ({ socketPath })),
  bearer: async () => Secret.fromUtf8("a socket tells who asks"),
};
const { database, login, vault } = settings;
const documentOf = (document: string, fields: readonly string[], versionField: string) =>
  vaultKvReader({
    addresses: [vault.address],
    auth: {
      approle: {
        mount: "workloads",
        roleId: vault.roleId,
        secretId: async () => await secretFile(vault.secretId),
      },
    },
    document,
    fields,
    versionField,
  });
const shared = {
  id: consumerId(settings.consumer),
  instance: `${settings.consumer}-1`,
  signingKey: await secretFile(settings.signingKey),
  announcements: gatewayAnnouncements(gateway),
  acknowledge: gatewayAcknowledgements(gateway),
  onProblem: ({ during, error }: { readonly during: string; readonly error: unknown }): void =>
    void process.stderr.write(`${during}: ${String(error)}\n`),
  // Tests kill gateways: it looks for them again sooner than a real workload has to.
  limits: { heartbeatMs: 2_000, retryMsMax: 1_000, pollMs: 1_000 },
};

const fieldOf = (fields: Readonly<Record<string, Secret>>, name: string): Secret => {
  const field = fields[name];
  if (field === undefined) throw new TypeError(`the document has no ${name}`);
  return field;
};
const moved = (credential: string, version: number): void =>
  record({ kind: "moved", credential, version, at: Date.now() });

const payments = startPayments(settings.everyMs, record);
const consumers = await Promise.all([
  openConsumer({
    ...shared,
    credential: credentialId(database.credential),
    reader: documentOf(database.document, [database.field], database.versionField),
    onChange: async ({ fields, version }) => {
      await payments.use(fieldOf(fields, database.field));
      moved(database.credential, version);
    },
  }),
  openConsumer({
    ...shared,
    credential: credentialId(login.credential),
    reader: documentOf(
      login.document,
      [login.secretIdField, login.roleIdField],
      login.versionField,
    ),
    onChange: async ({ fields, version }) => {
      await loginToVault(vault.address, {
        roleId: fieldOf(fields, login.roleIdField),
        secretId: fieldOf(fields, login.secretIdField),
      });
      moved(login.credential, version);
    },
  }),
]);

await new Promise<void>((resolve) => {
  process.once("SIGTERM", () => resolve());
  // A test run that is killed cannot stop this process; the end of its pipe says so.
  process.stdin.once("close", () => resolve()).resume();
});
await payments.stop();
await Promise.all(consumers.map(async (consumer) => await consumer.close()));
process.stdin.destroy();
