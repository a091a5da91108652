import { Fault } from "@rekey/domain";

/** Why a log refuses: repeating the same call gives the same answer until a person acts. */
export type TopicRefusal =
  | "RECORD_TOO_LARGE"
  | "TOPIC_NOT_DECLARED"
  | "PARTITIONS_CHANGED"
  | "NOT_MIGRATED"
  | "CLOSED"
  | "ACL_DENIED"
  | "AUTHENTICATION_FAILED"
  | "SASL_MECHANISM_UNSUPPORTED"
  | "SASL_REQUIRED"
  | "TLS_REQUIRED"
  | "TLS_UNTRUSTED"
  | "NOT_A_BROKER"
  | "SETTING_REFUSED";

export const topicRefused = (reason: TopicRefusal, cause?: unknown): Fault =>
  new Fault("TOPIC_REJECTED", { providerCode: reason, ...(cause !== undefined && { cause }) });
