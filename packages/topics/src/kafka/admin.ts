import type { Clock } from "@rekey/domain";
import { Fault } from "@rekey/domain";
import type { Admin } from "kafkajs";
import { settledWithin } from "../bell.ts";
import { topicRefused } from "../refusals.ts";
import { forgetSecrets, openClient } from "./connect.ts";
import type { KafkaClient, KafkaConnection } from "./connect.ts";
import { within } from "./deadline.ts";
import { asKafkaFault, isRefusedLogin } from "./faults.ts";

const closeMs = 500;
const explainMs = 2_000;
const retry = { retries: 1, initialRetryTime: 100, maxRetryTime: 300 };

/** Questions to the brokers, over a connection that is opened by the first and kept. */
export interface AdminAccess {
  /** Rejects with a Fault; after `milliseconds` at the latest. */
  ask<Answer>(milliseconds: number, question: (admin: Admin) => Promise<Answer>): Promise<Answer>;
  close(): Promise<void>;
}

interface OpenAdmin {
  readonly client: KafkaClient;
  readonly admin: Admin;
}

export function createAdminAccess(connection: KafkaConnection, clock: Clock): AdminAccess {
  const hasLogin = connection.sasl !== undefined;
  let kept: Promise<OpenAdmin> | undefined;
  const close = async (): Promise<void> => {
    const last = kept;
    kept = undefined;
    await last?.then((open) => closeAdmin(open, clock)).catch(() => undefined);
  };
  return {
    async ask(milliseconds, question) {
      const isReused = kept !== undefined;
      const once = async () => {
        kept ??= openAdmin(connection, milliseconds);
        return await question((await kept).admin);
      };
      // A kept connection may have died unseen, and kafkajs hides why: a new one tells.
      const asked = once().catch(async (error: unknown) => {
        void close();
        if (isReused) return await once();
        throw error;
      });
      try {
        return await within(clock, milliseconds, asked);
      } catch (error) {
        void close();
        const fault = await explained(connection, asKafkaFault(error, { hasLogin }));
        if (isRefusedLogin(fault)) forgetSecrets(connection);
        throw fault;
      }
    },
    close,
  };
}

async function openAdmin(connection: KafkaConnection, requestMs: number): Promise<OpenAdmin> {
  const client = await openClient(connection, { requestMs });
  const admin = client.kafka.admin({ retry });
  try {
    await admin.connect();
  } catch (error) {
    client.sockets.end();
    throw error;
  }
  return { client, admin };
}

/** A connection that is closed without a word was not what the listener expects, or the broker goes down. */
async function explained(connection: KafkaConnection, fault: Error): Promise<Error> {
  const isClosed = fault instanceof Fault && fault.providerCode === "CONNECTION_CLOSED";
  if (!isClosed || connection.sasl !== undefined) return fault;
  const { kafka, sockets } = await openClient(connection, { requestMs: explainMs });
  const admin = kafka.admin({ retry: { retries: 0 } });
  let hasSpoken = false;
  admin.on(admin.events.REQUEST, () => {
    hasSpoken = true;
  });
  const again = await admin
    .connect()
    .then(() => admin.fetchTopicMetadata())
    .then(
      () => fault,
      (error: unknown) => asKafkaFault(error),
    );
  sockets.end();
  if (again === fault) return fault;
  if (!(again instanceof Fault) || again.providerCode !== "CONNECTION_CLOSED") return again;
  // Every listener tells its versions before it asks who we are.
  if (hasSpoken) return topicRefused("SASL_REQUIRED", fault);
  return connection.tls === undefined ? topicRefused("TLS_REQUIRED", fault) : fault;
}

async function closeAdmin({ admin, client }: OpenAdmin, clock: Clock): Promise<void> {
  await settledWithin(clock, closeMs, admin.disconnect());
  client.sockets.end();
}

/** A real request: connecting alone succeeds where the broker would refuse everything that follows. */
export async function checkTopics(
  access: AdminAccess,
  topics: readonly string[],
  milliseconds: number,
): Promise<void> {
  await access.ask(milliseconds, async (admin) => {
    await admin.fetchTopicMetadata({ topics: [...topics] });
  });
}

/** Records appended to `topics` and not yet committed by `group`. */
export async function lagOf(
  access: AdminAccess,
  group: string,
  options: { readonly topics: readonly string[]; readonly milliseconds: number },
): Promise<number> {
  const { milliseconds, topics } = options;
  return await access.ask(milliseconds, async (admin) => {
    const committed = await admin.fetchOffsets({ groupId: group, topics: [...topics] });
    const lags = committed.map(async ({ topic, partitions }) => {
      const ends = await admin.fetchTopicOffsets(topic);
      const isAt = new Map(partitions.map(({ partition, offset }) => [partition, BigInt(offset)]));
      return ends.map(({ partition, high, low }) => {
        const from = isAt.get(partition) ?? -1n;
        const first = BigInt(low);
        return Number(BigInt(high) - (from > first ? from : first));
      });
    });
    return (await Promise.all(lags)).flat().reduce((sum, lag) => sum + lag, 0);
  });
}
