import type { Clock } from "@rekey/domain";
import { Fault } from "@rekey/domain";
import { settledWithin } from "@rekey/runtime";
import type { Admin } from "kafkajs";
import { topicRefused } from "../refusals.ts";
import { forgetSecrets, openClient } from "./connect.ts";
import type { KafkaClient, KafkaConnection } from "./connect.ts";
import { within } from "./deadline.ts";
import { asKafkaFault, isRefusedLogin } from "./faults.ts";

const closeMs = 500;
const explainMs = 2_000;
/** One request; whoever asks has a patience of its own, and the connection is shared. */
const requestMs = 10_000;
const retry = { retries: 1, initialRetryTime: 100, maxRetryTime: 300 };

/** Questions to the brokers, over a connection that is opened by the first and kept. */
export interface AdminAccess {
  /** Rejects with a Fault; after `milliseconds` at the latest. */
  ask<Answer>(milliseconds: number, question: (admin: Admin) => Promise<Answer>): Promise<Answer>;
  close(): Promise<void>;
}

/** A connection from the moment it is asked for to its end. */
interface Opening {
  readonly admin: Promise<Admin>;
  /** Also while it is still being opened. */
  end(): Promise<void>;
}

export function createAdminAccess(connection: KafkaConnection, clock: Clock): AdminAccess {
  const hasLogin = connection.sasl !== undefined;
  let kept: Opening | undefined;
  let closed = false;
  // Only the one that failed: whoever shared it asks again, and must not end the next one under the others.
  const giveUp = async (mine: Opening | undefined): Promise<void> => {
    if (kept === mine) kept = undefined;
    await mine?.end();
  };
  return {
    async ask(milliseconds, question) {
      const isReused = kept !== undefined;
      let mine: Opening | undefined;
      const once = async () => {
        if (closed) throw topicRefused("CLOSED");
        mine = kept ??= openAdmin(connection, clock);
        return await question(await mine.admin);
      };
      const asked = once().catch(async (error: unknown) => {
        void giveUp(mine);
        const isRefused = isRefusedLogin(asKafkaFault(error, { hasLogin }));
        if (isRefused) forgetSecrets(connection);
        // A kept connection may have died unseen, and kafkajs hides why: a new one tells.
        if (isReused) return await once();
        throw error;
      });
      try {
        return await within(clock, milliseconds, asked);
      } catch (error) {
        void giveUp(mine);
        const fault = await explained(connection, asKafkaFault(error, { hasLogin }));
        if (isRefusedLogin(fault)) forgetSecrets(connection);
        throw fault;
      }
    },
    async close() {
      closed = true;
      await giveUp(kept);
    },
  };
}

function openAdmin(connection: KafkaConnection, clock: Clock): Opening {
  let client: KafkaClient | undefined;
  let opened: Admin | undefined;
  let ended = false;
  const open = async (): Promise<Admin> => {
    client = await openClient(connection, { requestMs });
    if (ended) client.sockets.end();
    const admin = client.kafka.admin({ retry });
    try {
      await admin.connect();
    } catch (error) {
      client.sockets.end();
      throw error;
    }
    opened = admin;
    return admin;
  };
  const admin = open();
  admin.catch(() => undefined);
  return {
    admin,
    async end() {
      ended = true;
      if (opened !== undefined) await settledWithin(clock, closeMs, opened.disconnect());
      client?.sockets.end();
    },
  };
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
