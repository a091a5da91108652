/** Every reason a command is refused, as data. A refusal is a value, never thrown inside the domain. */
export const refusalCodes = {
  NOT_FOUND: "there is no such thing",
  NOT_AUTHORISED: "the actor may not do this here",
  SAME_PERSON: "the approver must be another person than the requester",
  WRONG_STATE: "this is not possible in its present state",
  ALREADY_DONE: "this has been done",
  INVALID: "the input has problems",
  PAUSED: "new effects are paused",
  PROTECTED: "this credential is one that Rekey acts with",
  NOT_OURS: "Rekey neither minted nor adopted this",
  TOO_LARGE: "the input is larger than allowed",
  UNSUPPORTED: "the provider cannot do this",
  CONFLICT: "it was changed by somebody else in the meantime",
  EXPOSED: "an exposed version is never reinstated",
} as const;
export type RefusalCode = keyof typeof refusalCodes;

export interface Problem {
  /** Where, as a JSON path such as `credentials[2].policy`; empty for the whole. */
  readonly path: string;
  readonly reason: string;
}

export interface Refusal {
  readonly refused: RefusalCode;
  readonly reason: string;
  readonly problems?: readonly Problem[];
}

export const refuse = (
  refused: RefusalCode,
  reason: string = refusalCodes[refused],
  problems?: readonly Problem[],
): Refusal => (problems === undefined ? { refused, reason } : { refused, reason, problems });

export const isRefusal = (value: unknown): value is Refusal =>
  typeof value === "object" && value !== null && "refused" in value && "reason" in value;
