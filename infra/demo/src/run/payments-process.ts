import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { documentPath } from "@rekey/stores";
import { movedAt, parsePaymentLines, paymentsIn, type PaymentLine } from "../payments/attempts.ts";
import type { ServiceSettings } from "../payments/service-settings.ts";
import { startChild, type Child } from "./children.ts";
import { credentials, urlField } from "./inventory.ts";
import type { Keyring } from "./keyring.ts";
import { repositoryFile, type Layout } from "./layout.ts";
import { until } from "./until.ts";

/** The payment service as a child process, and what it has written. */
export interface PaymentsProcess {
  readonly child: Child;
  lines(): Promise<readonly PaymentLine[]>;
  /** Wall-clock time at which it said that it uses this version. */
  moved(version: number): Promise<number>;
}

interface PaymentsOptions {
  readonly layout: Layout;
  readonly keyring: Keyring;
  readonly environment: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

/** Twenty payments a second. */
const everyMs = 50;
const paidMsMax = 90_000;
const movedMsMax = 120_000;

/** Resolves when the first payment went through. */
export const startPaymentsProcess = async (options: PaymentsOptions): Promise<PaymentsProcess> => {
  const { layout, environment, signal } = options;
  const settings = join(layout.root, "payments-api.json");
  await writeFile(settings, JSON.stringify(settingsOf(options), null, 2));
  const child = startChild({
    name: "payments-api",
    arguments: [repositoryFile("infra/demo/src/payments-service.main.ts"), settings],
    environment,
    log: join(layout.logs, "payments-api.log"),
  });
  const lines = async (): Promise<readonly PaymentLine[]> =>
    parsePaymentLines(await readFile(layout.attempts, "utf8").catch(() => ""));
  await until({ what: "the first payment", withinMs: paidMsMax, signal }, async () => {
    if (!child.isRunning()) throw new Error(`the payment service ended: see ${child.log}`);
    return paymentsIn(await lines()).some(({ ok }) => ok) ? true : undefined;
  });
  return {
    child,
    lines,
    moved: async (version) =>
      await until(
        { what: `payments-api on version ${version}`, withinMs: movedMsMax, signal },
        async () => movedAt(await lines(), version),
      ),
  };
};

const settingsOf = ({ layout, keyring }: PaymentsOptions): ServiceSettings => {
  const { id, consumers } = credentials.payments;
  const [consumer] = consumers;
  return {
    consumer,
    instance: `${consumer}-1`,
    credential: id,
    document: documentPath(layout.documents, id),
    field: urlField,
    readingKey: keyring.readingKey(consumer),
    signingKey: keyring.signingKey(consumer),
    bearer: keyring.bearer,
    socket: layout.socket,
    attempts: layout.attempts,
    everyMs,
  };
};
