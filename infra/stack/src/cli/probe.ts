import { join } from "node:path";
import { clientConfig } from "@rekey/runtime";
import pg from "pg";
import { StackFault } from "../fault.ts";
import { describeCluster } from "../kafka/describe-cluster.ts";
import { admin, credentialsOf } from "../kafka/access.ts";
import { keptPassword } from "../postgres/connect.ts";
import { passwordFileName } from "../postgres/settings.ts";
import { redisAnswer } from "../redis/start.ts";
import { waitFor } from "../process/wait-for.ts";
import { readKeys } from "../vault/keys.ts";
import { askVault } from "../vault/requests.ts";
import { folderOf, type StackContext } from "./context.ts";
import { partFacts, type StackPart } from "./parts.ts";
import type { PartRecord } from "./state.ts";

const connectMaxMs = 3_000;
const answerMaxMs = 5_000;
const firstAnswerMaxMs = 2 * 60_000;
const reasonMax = 200;

/** One real, authenticated request to a part. Undefined when it was answered, else why not. */
export const problemOf = async (
  record: PartRecord,
  context: Pick<StackContext, "folder">,
): Promise<string | undefined> => {
  try {
    await probes[record.part](record, folderOf(context, record));
    return undefined;
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    return text.replaceAll(/\s+/g, " ").slice(0, reasonMax);
  }
};

/** Waits until a part that was just started answers. Throws START_FAILED with the last reason. */
export const requireAnswer = async (
  record: PartRecord,
  context: Pick<StackContext, "folder">,
): Promise<void> => {
  let problem: string | undefined;
  const answered = await waitFor(async () => {
    problem = await problemOf(record, context);
    return problem === undefined;
  }, firstAnswerMaxMs);
  if (answered) return;
  throw new StackFault("START_FAILED", `${record.part} does not answer: ${problem}`);
};

type Probe = (record: PartRecord, folder: string) => Promise<void>;

const askPostgres: Probe = async ({ port }, folder) => {
  const password = await keptPassword(join(folder, passwordFileName));
  const address = { host: "127.0.0.1", port, user: "postgres", database: "postgres", password };
  const limits = { connectionTimeoutMillis: connectMaxMs, query_timeout: answerMaxMs };
  const client = new pg.Client({ ...(await clientConfig(address)), ...limits });
  // An error while it ends is not one of the request.
  client.on("error", () => {});
  try {
    await client.connect();
    await client.query("select 1");
  } finally {
    await client.end();
  }
};

const probes: Readonly<Record<StackPart, Probe>> = {
  kafka: async ({ port, sasl }, folder) => {
    const credentials = sasl ? await credentialsOf(folder, admin) : undefined;
    await describeCluster(`127.0.0.1:${port}`, credentials);
  },
  redis: async ({ port }) => {
    const answer = await redisAnswer(port);
    if (!answer.startsWith("+PONG"))
      throw new StackFault("REQUEST_FAILED", answer.trim() || "no answer to PING");
  },
  vault: async ({ port }, folder) => {
    const keys = await readKeys(folder);
    if (keys === undefined) throw new StackFault("REQUEST_FAILED", "it was never initialised");
    const path = "auth/token/lookup-self";
    await askVault(partFacts.vault.address(port), { method: "GET", path, token: keys.rootToken });
  },
  postgres: askPostgres,
  target: askPostgres,
};
