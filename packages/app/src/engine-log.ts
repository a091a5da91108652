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
  sqlState: fields.providerCode,
  count: fields.count,
  durationMs: fields.durationMs,
  ...(fields.error === undefined ? {} : { error: fields.error }),
});

type Write = (message: string, fields?: LogFields) => void;

/** The engine's log on the process's: the message is already constant where the engine writes it. */
export const engineLog = (log: Log): EngineLog => {
  const through =
    (write: Write) =>
    (message: string, fields: EngineLogFields): void =>
      write(message, fieldsOf(fields));
  return { info: through(log.info), warn: through(log.warn), error: through(log.error) };
};
