export type { EngineParts } from "./parts.ts";
export { controlTries } from "./controls.ts";
export type { Tried } from "./controls.ts";
export { readKept } from "./material.ts";
export { createProviderShare } from "./provider-share.ts";
export type { ProviderShare } from "./provider-share.ts";
export { advanceRotation, advanceHeld } from "./rotation/advance.ts";
export { advanceCase } from "./case/advance.ts";
export { hasMoved } from "./steps/drain.ts";
export { advanceWatching } from "./watch/advance.ts";
export {
  actOnHint,
  createLedgerWorker,
  inviteDue,
  serveLane,
  workFromLedger,
} from "./loops/worker.ts";
export type { LedgerWorker } from "./loops/worker.ts";
export { takeBatch } from "./loops/intake.ts";
export type { Normalise, IntakeParts } from "./loops/intake.ts";
export { hearStatement } from "./consumers/hear.ts";
export type { Hearing, Said } from "./consumers/hear.ts";
export { takeStatements } from "./loops/statements.ts";
export type { StatementParts } from "./loops/statements.ts";
export { relayShard, relayAll } from "./loops/relay.ts";
export type { RelayParts } from "./loops/relay.ts";
export { beat, inviteAll, tick } from "./loops/tick.ts";
export type { BeatParts, InviteParts, SchedulerParts, TickParts } from "./loops/tick.ts";
