export {
  isInventoryName,
  credentialId,
  identityId,
  consumerId,
  policyName,
  issuerId,
  storeId,
  caseId,
  rotationId,
  watchId,
  obligationId,
  signalId,
  auditEventId,
  versionLabelText,
} from "./ids.ts";
export type {
  CredentialId,
  IdentityId,
  ConsumerId,
  PolicyName,
  IssuerId,
  StoreId,
  CaseId,
  RotationId,
  WatchId,
  ObligationId,
  SignalId,
  AuditEventId,
  VersionRef,
} from "./ids.ts";
export { second, minute, hour, day, toRfc3339, type Instant } from "./instant.ts";
export { strategies, secretChoosers, probeStrengths } from "./capabilities.ts";
export type {
  Strategy,
  SecretChooser,
  ProbeStrength,
  Capabilities,
  StoreCapabilities,
} from "./capabilities.ts";
export { adviceOf } from "./advice.ts";
export { faultCodes, Fault, Assertion, assert, type FaultAction, type FaultCode } from "./fault.ts";
export { refusalCodes, refuse, isRefusal } from "./refusal.ts";
export type { RefusalCode, Problem, Refusal } from "./refusal.ts";
export {
  signalKinds,
  dispositions,
  signalEffects,
  subjectTypes,
  severities,
  confidences,
  signalOutcomes,
  rekeyLocatorScheme,
  parseRekeyLocator,
} from "./signal.ts";
export type {
  SignalKind,
  Disposition,
  SignalEffect,
  SubjectType,
  Severity,
  Confidence,
  SubjectId,
  Locator,
  SignalSource,
  SignalAuthentication,
  Signal,
  ReceivedSignal,
  SignalOutcome,
  RejectedInput,
} from "./signal.ts";
export { exposureResponses, graceEndings, policyDefaults } from "./policy.ts";
export { instanceSeenForMs, statementHeardForMs } from "./policy.ts";
export type {
  ExposureResponse,
  GraceEnding,
  MaintenanceWindow,
  Freeze,
  BreakerLimits,
  Policy,
} from "./policy.ts";
export { identityKinds, criticalities, endings } from "./inventory.ts";
export type {
  IdentityKind,
  Identity,
  Criticality,
  Ending,
  Credential,
  Consumer,
  Grant,
  InstanceName,
  InstanceSighting,
  Inventory,
} from "./inventory.ts";
export { inventoryKinds, grantKey, inventoryDifference } from "./inventory-difference.ts";
export type { InventoryKind, InventoryChange } from "./inventory-difference.ts";
export { versionLabels, versionLives, isAlive, versionLifeTransitions } from "./version.ts";
export type { VersionLabel, VersionLife, Version } from "./version.ts";
export { failedControl, judgeProof, probeRepeats, proofGrades } from "./proof.ts";
export type {
  FailedControl,
  ProbeRecord,
  ProofGrade,
  ProofOfDeath,
  ProofQuestion,
  ProofVerdict,
} from "./proof.ts";
export { modes, modeScopes, modeInForce } from "./mode.ts";
export type { Mode, ModeScope, ModeSetting, ModeQuestion, Pause } from "./mode.ts";
export { awayCapMs, backoffCapMs, alarmAtAttempt, backoffMs } from "./backoff.ts";
export { breakerApprovals, reservationKey, breakerScope, askBreaker } from "./breaker.ts";
export type { BreakerReservation, BreakerUse, BreakerQuestion, BreakerAnswer } from "./breaker.ts";
export { gateStates, gateClosesAt, gateProbeTimeoutMs, gateRetryMaxMs } from "./gate.ts";
export { containmentMayAskAt, gateLookAt, storeGate } from "./gate.ts";
export { openGate, askGate, reportToGate, returnCall } from "./gate.ts";
export type { GateName, GateState, ProviderGate } from "./gate.ts";
export { tickedWaitOverMs, tickMsMax, waitOver } from "./waiting.ts";
export type { WaitQuestion, WaitAnswer } from "./waiting.ts";
export { planningWindow, windowProblem, type WindowAnswer } from "./windows.ts";
export {
  roles,
  commandNames,
  authorisation,
  authorise,
  localActor,
  engineActor,
} from "./authorise.ts";
export type { Role, Actor, CommandName } from "./authorise.ts";
export { distinctApprovals, isApproved } from "./approvals.ts";
export { isLoopback } from "./loopback.ts";
export { auditEventTypes } from "./audit-event.ts";
export type { AuditEventType, Detail, DetailValue } from "./audit-event.ts";
export type { AuditDraft, AuditEvent, NumberedAuditEvent } from "./audit-event.ts";
export type { Announcement } from "./announcement.ts";
export {
  stepKinds,
  planVersion,
  causeKinds,
  waitReasons,
  rotationStates,
  terminalRotationStates,
  isTerminal,
  severityOf,
} from "./rotation/rotation.ts";
export type {
  StepKind,
  PlannedStep,
  CauseKind,
  Cause,
  WaitReason,
  RotationStateName,
  Halt,
  RotationState,
  WaitBegun,
  OpenStep,
  Rotation,
} from "./rotation/rotation.ts";
export { exposureResponse, containsFirst, type PlanFacts } from "./rotation/plan-facts.ts";
export { planRotation } from "./rotation/plan.ts";
export { rotationCommandNames, rotationTransitions } from "./rotation/commands.ts";
export type { Escalation, RotationCommand, RotationCommandName } from "./rotation/commands.ts";
export {
  nextVersionNumber,
  versionsAliveSince,
  joinCause,
  withoutCause,
} from "./rotation/joining.ts";
export type { Joined, JoiningCause } from "./rotation/joining.ts";
export { decideRotation, type RotationEvent } from "./rotation/decide.ts";
export { evolveRotation } from "./rotation/evolve.ts";
export { dyingOf, bornRotation, escalationOf, markExposed, laneOf } from "./rotation/open.ts";
export type { RotationOpening } from "./rotation/open.ts";
export {
  caseKinds,
  caseSteps,
  caseWaitReasons,
  caseStates,
  caseOutcomes,
  obligationSettlements,
  watchStates,
} from "./case/case.ts";
export type {
  CaseKind,
  CaseStep,
  CaseWaitReason,
  CaseStateName,
  CaseOutcome,
  CaseState,
  CaseItem,
  Case,
  Obligation,
  ObligationSettlement,
  WatchStateName,
  Watch,
} from "./case/case.ts";
export { caseCommandNames, caseTransitions, decideCase, evolveCase } from "./case/decide.ts";
export type { CaseCommand, CaseCommandName, CaseEvent } from "./case/decide.ts";
export { watchAfterMs, watchCommandNames, watchTransitions, advanceWatch } from "./case/watch.ts";
export type { WatchCommand, WatchCommandName } from "./case/watch.ts";
export { serviceOf, caseKeyOf, type IntakeTarget, type CaseKey } from "./intake/subject.ts";
export { decideSignal } from "./intake/decide.ts";
export type { IntakeSnapshot, IntakeDecision } from "./intake/snapshot.ts";
export type { Fingerprint, SecretValue, Material, Fingerprinter } from "./ports/secret-value.ts";
export type { Cancellation, Call } from "./ports/call.ts";
export type { LoginRisk } from "./ports/login-risk.ts";
export type {
  Mark,
  IssuerSettings,
  ProviderVersion,
  ProviderEntry,
  ProviderListing,
  PreparedProbe,
  ProbeReply,
  MintRequest,
  Minted,
  Ended,
  PrivilegeDifference,
  SettingsProblem,
  Issuer,
} from "./ports/issuer.ts";
export type {
  StoreAddress,
  StagedVersion,
  StoredVersion,
  StoreLabels,
  PromoteRequest,
  Store,
} from "./ports/store.ts";
export type {
  OutgoingRecord,
  IncomingRecord,
  IncomingBatch,
  EventSink,
  SubscriptionHealth,
  Subscription,
  SubscribeRequest,
  EventSource,
} from "./ports/topics.ts";
export { callingKinds, lanes, workKinds, laneSlots, hintsOutstandingFactor } from "./ports/jobs.ts";
export type { Lane, WorkKind, Hint, Serving, Dispatcher } from "./ports/jobs.ts";
export { urgencies } from "./ports/environment.ts";
export type {
  Clock,
  NewId,
  Randomness,
  Failpoint,
  Parallel,
  Abort,
  NewAbort,
  Urgency,
  Notice,
  Notifier,
  EngineLog,
  EngineLogFields,
} from "./ports/environment.ts";
export {
  holdMs,
  holdRenewMs,
  admitBatchMax,
  expandBatchMax,
  outboxShards,
  effectStates,
} from "./ports/ledger-work.ts";
export type {
  Hold,
  Input,
  PendingInput,
  EffectState,
  EffectEntry,
  ConsumerView,
  RotationClaim,
  RotationCommit,
  CaseClaim,
  CaseCommit,
  WatchClaim,
  WatchCommit,
  AdmitRequest,
  Admitted,
  DueWork,
  OutboxEntry,
  OutboxHold,
  ProcessBeat,
  LedgerIdentity,
  ScopeQuery,
  ScopedCredential,
  BreakerRequest,
} from "./ports/ledger-work.ts";
export type { AuditPage, Page, CredentialView, CaseView } from "./ports/ledger-views.ts";
export type { SignalRow, Backlog, Standing } from "./ports/ledger-views.ts";
export type { Ledger } from "./ports/ledger.ts";
export { counted } from "./counted.ts";
export { durationMaxMs, durationShape, parseDuration, formatDuration } from "./duration.ts";
