export { problemsMax, problem, parseWith, jsonPath } from "./parsed.ts";
export type { Parsed } from "./parsed.ts";
export {
  textSchema,
  inventoryNameSchema,
  digestSchema,
  uuidSchema,
  problemSchema,
} from "./text.ts";
export { parseRfc3339, instantSchema } from "./time.ts";
export { jsonBytesMax, jsonDepthMax, parseJsonStrict, decodeUtf8 } from "./json/strict-json.ts";
export type { JsonValue, StrictJsonOptions } from "./json/strict-json.ts";
export { canonicalJson, sha256Hex } from "./json/canonical-json.ts";
export { eventBytesMax, isJsonContent } from "./cloudevents/cloud-event.ts";
export type {
  ExtensionValue,
  CloudEvent,
  EventRecord,
  AttributeName,
} from "./cloudevents/cloud-event.ts";
export {
  structuredContentType,
  encodeCloudEvent,
  frameCloudEvent,
  recordKeyOf,
} from "./cloudevents/encode.ts";
export type { EncodedEvent, EventFrame } from "./cloudevents/encode.ts";
export { decodeCloudEvent } from "./cloudevents/decode.ts";
export { exactSchemes, isKeyedScheme, locatorSchema } from "./signals/locators.ts";
export { locatorsMax } from "./signals/signal-fields.ts";
export {
  signalContentSchemas,
  signalTypes,
  kindOfType,
  isSignalType,
} from "./signals/signal-types.ts";
export type { SignalType, SignalContent } from "./signals/signal-types.ts";
export {
  decodeSignal,
  signalEvent,
  signalKey,
  canonicalDigest,
  signalJsonSchema,
} from "./signals/signal-event.ts";
export type { SignalReceipt, SignalEventOptions } from "./signals/signal-event.ts";
export { pageSizeMax, pollWaitMsMax, cursorSchema, pageQuery, pollQuery } from "./api/page.ts";
export { refusedSchema, refusalStatus, statusOf } from "./api/refusal.ts";
export type { Refused } from "./api/refusal.ts";
export { nothing, bodyBytesMax, route, encodeReply, decodeReply } from "./api/route.ts";
export type { ApiRoute } from "./api/route.ts";
export { apiRoutes, apiRouteList } from "./api/routes.ts";
export { openApiDocument } from "./api/openapi.ts";
export { reportSignalsMax, acceptedReply } from "./api/routes/accepted.ts";
export { scanBytesMax, secretLengthMax } from "./api/routes/reports.ts";
export { auditEventView } from "./api/views/audit.ts";
export { caseView, obligationView, caseDetailView, signalView } from "./api/views/case.ts";
export { policyView, credentialView } from "./api/views/credential.ts";
export { plannedStepView, rotationView, effectView } from "./api/views/rotation.ts";
export { proofView, versionView } from "./api/views/version.ts";
export { announcementType, announcementSchema, announcementWire } from "./consumer/announcement.ts";
export type { AnnouncementWire } from "./consumer/announcement.ts";
export {
  acknowledgementClaims,
  heartbeatClaims,
  acknowledgementType,
  heartbeatType,
  consumerAlgorithm,
} from "./consumer/claims.ts";
export type { AcknowledgementClaims, HeartbeatClaims } from "./consumer/claims.ts";
export { announcementsMax, consumerRoutes } from "./consumer/consumer-routes.ts";
export {
  statementTypes,
  decodeStatement,
  statementEvent,
  statementJsonSchema,
} from "./consumer/statement-event.ts";
export type { Statement, StatementType } from "./consumer/statement-event.ts";
export { unprovenAcknowledgement, unprovenHeartbeat } from "./consumer/unproven-claims.ts";
export {
  consumerJwsLengthMax,
  claimedConsumer,
  verifyAcknowledgement,
  verifyHeartbeat,
} from "./consumer/verify.ts";
export { durationSchema, policySchema } from "./inventory/policy-schema.ts";
export {
  inventoryEntriesMax,
  ownIdentity,
  defaultPolicy,
  inventoryDocumentSchema,
} from "./inventory/document-schema.ts";
export { parseInventory, inventoryJsonSchema } from "./inventory/parse-inventory.ts";
export { topicNames, producerTopic, producerOfTopic, reservedProducers } from "./topics.ts";
export {
  auditWireTypes,
  auditSchemas,
  auditJsonSchema,
  joinedSignalsMax,
} from "./audit/audit-schemas.ts";
export {
  ownSource,
  auditCanonicalJson,
  auditDigest,
  auditCloudEvent,
  decodeAuditEvent,
} from "./audit/audit-event.ts";
export {
  quarantinedType,
  quarantinedSchema,
  quarantinedEvent,
} from "./quarantine/quarantined-input.ts";
