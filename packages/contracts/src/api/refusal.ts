import { faultCodes, refusalCodes, type FaultCode, type RefusalCode } from "@rekey/domain";
import { z } from "zod";
import { problemsMax } from "../parsed.ts";
import { problemSchema } from "../text.ts";
import { listOf } from "./page.ts";

/** What the gateway answers before it knows who asks. */
const doorCodes = ["UNAUTHENTICATED", "RATE_LIMITED", "KEYS_UNAVAILABLE"] as const;

const codes = [
  ...(Object.keys(refusalCodes) as RefusalCode[]),
  ...(Object.keys(faultCodes) as FaultCode[]),
  ...doorCodes,
  "INTERNAL",
] as const;

/** The body of every answer that is not a success: why not, and each problem with its path. */
export const refusedSchema = z.object({
  refused: z.enum(codes),
  reason: z.string(),
  problems: listOf(problemSchema, problemsMax).exactOptional(),
});
export type Refused = z.output<typeof refusedSchema>;

/** The HTTP status that goes with a refusal; faults answer 503, our own bugs 500. */
export const refusalStatus = {
  NOT_FOUND: 404,
  NOT_AUTHORISED: 403,
  SAME_PERSON: 403,
  WRONG_STATE: 409,
  ALREADY_DONE: 409,
  INVALID: 400,
  PAUSED: 409,
  PROTECTED: 403,
  NOT_OURS: 403,
  TOO_LARGE: 413,
  UNSUPPORTED: 422,
  CONFLICT: 409,
  EXPOSED: 409,
  UNAUTHENTICATED: 401,
  RATE_LIMITED: 429,
  KEYS_UNAVAILABLE: 503,
  INTERNAL: 500,
} as const satisfies Record<RefusalCode | (typeof doorCodes)[number] | "INTERNAL", number>;

const faultStatus = 503;

export const statusOf = (code: Refused["refused"]): number =>
  code in refusalStatus ? refusalStatus[code as keyof typeof refusalStatus] : faultStatus;
