export { openConsumer } from "./consumer.ts";
export type { Consumer, ConsumerOptions, SealedDocument } from "./consumer.ts";
export type { ChangeHandler } from "./delivery.ts";
export { gatewayAcknowledgements } from "./gateway/acknowledgements.ts";
export { gatewayAnnouncements } from "./gateway/announcements.ts";
export { GatewayRefusal } from "./gateway/gateway-call.ts";
export type { GatewayAccess, GatewayEndpoint } from "./gateway/gateway-call.ts";
export { generateConsumerKeys } from "./keys.ts";
export type { ConsumerKeys } from "./keys.ts";
export type { ConsumerLimits } from "./limits.ts";
export type {
  AcknowledgementSink,
  Activity,
  AnnouncementFeed,
  DocumentReader,
  ProblemListener,
} from "./ports.ts";
export { topicAcknowledgements } from "./topic/acknowledgements.ts";
export type { AppendRecord } from "./topic/acknowledgements.ts";
export { vaultKvReader } from "./vault-kv.ts";
export type { VaultDocument } from "./vault-kv.ts";
export type { Value } from "./value.ts";
