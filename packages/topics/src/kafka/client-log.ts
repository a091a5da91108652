import type { LogEntry, logCreator } from "kafkajs";
import type { Log, LogFields } from "@rekey/runtime";

const namespacePattern = /^[A-Za-z]{2,40}$/;
const errnoPattern = /\bE[A-Z]{4,20}\b/;
const kafkaErrorPattern = /^KafkaJS[A-Za-z]{3,40}$/;

/**
 * kafkajs writes whole errors and parts of payloads: of what it says only codes, counts and names from
 * this list pass, under one constant message. What matters is reported by this room itself.
 */
export function createClientLog(log: Log): logCreator {
  return () => (entry) => log.debug("kafka client reports", fieldsOf(entry));
}

function fieldsOf({ namespace, label, log }: LogEntry): LogFields {
  const { message, retryCount, retryTime, topic, partition, error } = log as {
    readonly message: unknown;
    readonly [name: string]: unknown;
  };
  return {
    kind: label,
    ...(namespacePattern.test(namespace) && { component: namespace }),
    ...(codeOf(message, error) !== undefined && { code: codeOf(message, error) }),
    ...(typeof retryCount === "number" && { attempt: retryCount }),
    ...(typeof retryTime === "number" && { delayMs: retryTime }),
    ...(typeof topic === "string" && { topic }),
    ...(typeof partition === "number" && { partition }),
  };
}

function codeOf(message: unknown, error: unknown): string | undefined {
  if (error instanceof Error && kafkaErrorPattern.test(error.name)) return error.name;
  return typeof message === "string" ? errnoPattern.exec(message)?.[0] : undefined;
}
