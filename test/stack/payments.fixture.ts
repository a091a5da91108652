import { spawn } from "node:child_process";
import { openSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { eventually } from "@rekey/testkit";
import { variables } from "./installation.fixture.ts";
import {
  documentOf,
  paymentsDb,
  paymentsVault,
  roleIdField,
  secretIdField,
  urlField,
  versionField,
} from "./inventory.fixture.ts";
import { openWorld, type World, type WorldOptions } from "./world.fixture.ts";
import type { ServiceSettings } from "./workload/settings.ts";
import type { PaymentLine } from "./workload/payment-stream.ts";

type Payment = Extract<PaymentLine, { kind: "payment" }>;

/** The payment service as a child process, and what it has written. */
export interface Payments {
  readonly logFile: string;
  payments(since?: number): Promise<readonly Payment[]>;
  /** Wall-clock time at which it said that it uses this version. */
  movedAt(credential: string, version: number): Promise<number>;
  stop(): Promise<void>;
}

type Place = Pick<World, "folder" | "vault" | "installation" | "signingKey">;

const everyMs = 100;
const waiting = { withinMs: 120_000, everyMs: 50 };

/** A world and the service that pays in it, running. */
export const openWorldWithPayments = async (
  options: WorldOptions,
): Promise<{ readonly world: World; readonly payments: Payments }> => {
  const world = await openWorld(options);
  try {
    return { world, payments: await startPaymentService(world) };
  } catch (error) {
    await world.close();
    throw error;
  }
};

/** Resolves when the first payment went through. */
const startPaymentService = async (place: Place): Promise<Payments> => {
  const { folder } = place;
  const settings = await settingsOf(place);
  const [settingsFile, logFile] = [join(folder, "payments.json"), join(folder, "payments.log")];
  await writeFile(settingsFile, JSON.stringify(settings));
  const log = openSync(logFile, "a");
  const program = join(import.meta.dirname, "workload/main.ts");
  const child = spawn(process.execPath, [program, settingsFile], {
    env: variables,
    stdio: ["pipe", log, log],
  });
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const lines = async (): Promise<readonly PaymentLine[]> => {
    const text = await readFile(settings.attempts, "utf8").catch(() => "");
    const whole = text.slice(0, text.lastIndexOf("\n") + 1).split("\n");
    return whole.filter((line) => line !== "").map((line) => JSON.parse(line) as PaymentLine);
  };
  const paymentsSince = async (since: number): Promise<readonly Payment[]> =>
    (await lines())
      .filter((line) => line.kind === "payment")
      .filter((line) => line.startedAt >= since);
  await eventually(async () => {
    if (child.exitCode !== null) throw new Error(await readFile(logFile, "utf8"));
    return (await paymentsSince(0)).some(({ ok }) => ok);
  }, waiting);
  return {
    logFile,
    payments: async (since = 0) => await paymentsSince(since),
    movedAt: async (credential, version) =>
      await eventually(async () => {
        const moves = (await lines()).filter((line) => line.kind === "moved");
        const found = moves.find((one) => one.credential === credential && one.version === version);
        if (found === undefined) throw new Error(`payments-api is not at ${credential}#${version}`);
        return found.at;
      }, waiting),
    stop: async () => {
      child.kill("SIGTERM");
      const late = setTimeout(() => child.kill("SIGKILL"), 10_000);
      await ended.finally(() => clearTimeout(late));
    },
  };
};

const role = "payments-api";

/** Its own way into Vault: read on its two documents and nothing else, by an AppRole that Rekey knows nothing of. */
const settingsOf = async ({
  folder,
  vault,
  installation: { sockets },
  signingKey,
}: Place): Promise<ServiceSettings> => {
  const documents = [documentOf(paymentsDb), documentOf(paymentsVault)];
  const policy = documents
    .map((path) => `path "secret/data/${path}" { capabilities = ["read"] }`)
    .join("\n");
  await vault.write("sys/auth/workloads", { type: "approle" });
  await vault.write(`sys/policies/acl/${role}`, { policy });
  await vault.write(`auth/workloads/role/${role}`, { token_policies: [role], token_ttl: "10m" });
  const { data: id } = await vault.read(`auth/workloads/role/${role}/role-id`);
  const { data: made } = await vault.write(`auth/workloads/role/${role}/secret-id`, {});
  const secretId = join(folder, "payments.secret-id");
  await writeFile(secretId, (made as { secret_id: string }).secret_id, { mode: 0o600 });
  const signingFile = join(folder, "payments.signing-key");
  await writeFile(signingFile, signingKey, { mode: 0o600 });
  return {
    consumer: role,
    signingKey: signingFile,
    sockets,
    vault: { address: vault.vault.address, roleId: (id as { role_id: string }).role_id, secretId },
    attempts: join(folder, "payments.jsonl"),
    everyMs,
    database: {
      credential: paymentsDb.id,
      document: documentOf(paymentsDb),
      field: urlField,
      versionField,
    },
    login: {
      credential: paymentsVault.id,
      document: documentOf(paymentsVault),
      secretIdField,
      roleIdField,
      versionField,
    },
  };
};
