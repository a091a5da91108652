import type { EngineLog, EngineLogFields } from "@rekey/domain";
import type { Log, LogFields } from "@rekey/runtime";

const fieldsOf = (fields: EngineLogFields): LogFields => ({
  credentialId: fields.credential,
  version: fields.version,
  rotationId: fields.rotation,
  caseId: fields.case,
  watchId: fields.watch,
  step: fields.step,
  code: fields.code,
  providerCode: fields.providerCode,
  count: fields.count,
  durationMs: fields.durationMs,
  ...(fields.error === undefined ? {} : { error: fields.error }),
});

/** The engine's log on the process's. Its messages are constant where the engine writes them. */
export const engineLog = (log: Log): EngineLog => ({
  info: (message, fields) => log.info(message, fieldsOf(fields)),
  warn: (message, fields) => log.warn(message, fieldsOf(fields)),
  error: (message, fields) => log.error(message, fieldsOf(fields)),
});
