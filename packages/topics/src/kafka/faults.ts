import { Assertion, Fault } from "@rekey/domain";
import { topicRefused } from "../refusals.ts";
import type { TopicRefusal } from "../refusals.ts";

/** What an error of kafkajs, Node or TLS says about itself; none of it is a payload. */
interface Failure {
  readonly name?: unknown;
  readonly type?: unknown;
  readonly code?: unknown;
  readonly message?: unknown;
  readonly cause?: unknown;
  readonly originalError?: unknown;
  readonly errors?: readonly unknown[];
}

// Kafka's names of its errors: https://kafka.apache.org/protocol#protocol_error_codes
const refusalOfType: Readonly<Record<string, TopicRefusal>> = {
  TOPIC_AUTHORIZATION_FAILED: "ACL_DENIED",
  GROUP_AUTHORIZATION_FAILED: "ACL_DENIED",
  CLUSTER_AUTHORIZATION_FAILED: "ACL_DENIED",
  TRANSACTIONAL_ID_AUTHORIZATION_FAILED: "ACL_DENIED",
  UNKNOWN_TOPIC_OR_PARTITION: "TOPIC_NOT_DECLARED",
  INVALID_TOPIC_EXCEPTION: "TOPIC_NOT_DECLARED",
  MESSAGE_TOO_LARGE: "RECORD_TOO_LARGE",
  RECORD_LIST_TOO_LARGE: "RECORD_TOO_LARGE",
  SASL_AUTHENTICATION_FAILED: "AUTHENTICATION_FAILED",
  UNSUPPORTED_SASL_MECHANISM: "SASL_MECHANISM_UNSUPPORTED",
  ILLEGAL_SASL_STATE: "SASL_REQUIRED",
  INVALID_CONFIG: "SETTING_REFUSED",
  INVALID_REPLICATION_FACTOR: "SETTING_REFUSED",
  INVALID_PARTITIONS: "SETTING_REFUSED",
  POLICY_VIOLATION: "SETTING_REFUSED",
};

// https://nodejs.org/api/tls.html#x509-certificate-error-codes, and OpenSSL's own.
const tlsCodes = /^(ERR_TLS_|ERR_SSL_|CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|HOSTNAME_MISMATCH)/;
const shownCode = /^[A-Z][A-Z0-9_]{2,60}$/;
const depthMax = 8;

interface Circumstances {
  /** A request that changes something may have arrived. */
  readonly unknownOutcome?: boolean;
  /** The client logs in: a broker that wants no more of it refused the login. */
  readonly hasLogin?: boolean;
}

/** What the port throws. */
export function asKafkaFault(error: unknown, options: Circumstances = {}): Error {
  if (error instanceof Assertion) return error;
  const chain = chainOf(error);
  // What a source of tokens said passes through kafkajs, which wraps it when it has tried often enough.
  const own = chain.find((one) => one instanceof Fault);
  if (own !== undefined) return withOutcome(own, error, options);
  const told = chain.map(refusalOf).find((reason) => reason !== undefined);
  const refusal =
    told === "SASL_REQUIRED" && options.hasLogin === true ? "AUTHENTICATION_FAILED" : told;
  if (refusal !== undefined) return topicRefused(refusal, error);
  return new Fault("TOPICS_UNREACHABLE", {
    providerCode: chain.map(codeOf).find((code) => code !== undefined) ?? "UNEXPECTED",
    unknownOutcome: options.unknownOutcome ?? false,
    cause: error,
  });
}

/** It may be about the last of several tries, and the first of them may have arrived. */
function withOutcome(own: Fault, error: unknown, { unknownOutcome = false }: Circumstances): Fault {
  const { code, action, providerCode } = own;
  if (!unknownOutcome || own.unknownOutcome || action !== "retry") return own;
  return new Fault(code, { ...(providerCode && { providerCode }), unknownOutcome, cause: error });
}

// After a rebalance: another member has the partition, or this one will get it again.
const movedTypes = new Set([
  "ILLEGAL_GENERATION",
  "UNKNOWN_MEMBER_ID",
  "REBALANCE_IN_PROGRESS",
  "FENCED_INSTANCE_ID",
]);

/** The group moved on: what was read may be read by another member, and nothing is broken. */
export const isGroupMoved = (error: unknown): boolean =>
  chainOf(error).some(({ type }) => typeof type === "string" && movedTypes.has(type));

// A coordinator that has just been chosen reads its groups first: seconds on a new or restarted broker.
const settlingCodes = new Set([
  "GROUP_LOAD_IN_PROGRESS",
  "GROUP_COORDINATOR_NOT_AVAILABLE",
  "NOT_COORDINATOR_FOR_GROUP",
]);
/** With the pauses between them, some seconds. */
const settlingTries = 5;

/** The group has no coordinator yet, and not for long enough to be told as an outage. */
export const isSettling = (error: unknown, failuresBefore: number): boolean =>
  failuresBefore < settlingTries &&
  error instanceof Fault &&
  settlingCodes.has(error.providerCode ?? "");

/** By the brokers, or before them by the server that gives out tokens. */
export const isRefusedLogin = (error: unknown): boolean =>
  error instanceof Fault &&
  error.code === "TOPIC_REJECTED" &&
  /^(AUTHENTICATION_FAILED$|TOKEN_)/.test(error.providerCode ?? "");

function refusalOf({ name, type, code, message }: Failure): TopicRefusal | undefined {
  if (typeof type === "string" && type in refusalOfType) return refusalOfType[type];
  if (name === "KafkaJSSASLAuthenticationError") {
    // kafkajs has one class for both, and says so in its message alone.
    const isMechanism =
      typeof message === "string" && message.includes("mechanism is not supported");
    return isMechanism ? "SASL_MECHANISM_UNSUPPORTED" : "AUTHENTICATION_FAILED";
  }
  if (name === "KafkaJSServerDoesNotSupportApiKey") return "NOT_A_BROKER";
  return typeof code === "string" && tlsCodes.test(code) ? "TLS_UNTRUSTED" : undefined;
}

function codeOf({ name, type, code }: Failure): string | undefined {
  for (const told of [type, code]) {
    if (typeof told === "string" && shownCode.test(told)) return told;
  }
  return typeof name === "string" ? codeOfName[name] : undefined;
}

const codeOfName: Readonly<Record<string, string>> = {
  KafkaJSRequestTimeoutError: "REQUEST_TIMEOUT",
  KafkaJSConnectionClosedError: "CONNECTION_CLOSED",
  KafkaJSConnectionError: "CONNECTION_FAILED",
  KafkaJSNoBrokerAvailableError: "NO_BROKER",
  KafkaJSBrokerNotFound: "NO_BROKER",
};

/** The error, what it wraps and what it lists, outermost first. */
function chainOf(error: unknown): Failure[] {
  const chain: Failure[] = [];
  const waiting: unknown[] = [error];
  while (waiting.length > 0 && chain.length < depthMax) {
    const next = waiting.shift();
    if (typeof next !== "object" || next === null) continue;
    const failure = next as Failure;
    chain.push(failure);
    waiting.push(
      failure.cause,
      failure.originalError,
      ...(failure.errors ?? []).slice(0, depthMax),
    );
  }
  return chain;
}
