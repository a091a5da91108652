import kafkajs from "kafkajs";
import type { Credentials } from "./connect.ts";
import { saslOf } from "./connect.ts";
import { repairIdleTimer } from "./request-queue.ts";

const connectMaxMs = 3_000;
const requestMaxMs = 5_000;

/** A real request, which an unauthenticated connection would not get answered. Throws what the client says. */
export const describeCluster = async (
  broker: string,
  credentials?: Credentials,
): Promise<{ readonly brokers: number }> => {
  const admin = kafkaClient(broker, credentials).admin();
  try {
    await admin.connect();
    const { brokers } = await admin.describeCluster();
    return { brokers: brokers.length };
  } finally {
    await admin.disconnect();
  }
};

/** Says nothing, and tries once unless it is told otherwise. */
export const kafkaClient = (
  broker: string,
  credentials?: Credentials,
  retries = 0,
): kafkajs.Kafka => {
  repairIdleTimer();
  return new kafkajs.Kafka({
    brokers: [broker],
    logLevel: kafkajs.logLevel.NOTHING,
    connectionTimeout: connectMaxMs,
    authenticationTimeout: connectMaxMs,
    requestTimeout: requestMaxMs,
    retry: { retries },
    ...(credentials && { sasl: saslOf(credentials) }),
  });
};
