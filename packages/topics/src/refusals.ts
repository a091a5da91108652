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
  | "SETTING_REFUSED"
  | TokenRefusal;

/** Why a token server refuses, in the words of RFC 6749 and RFC 8707. */
type TokenRefusal = `TOKEN_${
  | "INVALID_CLIENT"
  | "INVALID_REQUEST"
  | "INVALID_SCOPE"
  | "INVALID_TARGET"
  | "UNAUTHORIZED_CLIENT"
  | "UNSUPPORTED_GRANT"}`;

export const topicRefused = (reason: TopicRefusal, cause?: unknown): Fault =>
  new Fault("TOPIC_REJECTED", { providerCode: reason, ...(cause !== undefined && { cause }) });
