import { Fault } from "@rekey/domain";

// The first word of an error reply is its code, such as OOM, READONLY or WRONGPASS.
const replyCode = /^([A-Z]{2,24})(?= |$)/;

/**
 * JOBS_UNREACHABLE with Redis' own code. The driver's error carries the whole command, for a login with the
 * password in it: only its class and code go on.
 */
export function redisFault(error: unknown): Fault {
  if (error instanceof Fault) return error;
  const providerCode = codeOf(error);
  return new Fault("JOBS_UNREACHABLE", {
    unknownOutcome: true,
    ...(providerCode !== undefined && { providerCode }),
  });
}

function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  if (error.name === "ReplyError") return replyCode.exec(error.message)?.[1];
  if ("code" in error && typeof error.code === "string") return error.code;
  return "NOT_CONNECTED";
}
