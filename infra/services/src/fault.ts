export type ServicesCode =
  | "STACK_MISSING"
  | "PREPARATION_FAILED"
  | "START_FAILED"
  | "STATE_UNREADABLE"
  | "OTHER_CONFIGURATION";

/** Its text says what to do next; no password or token is ever part of it. */
export class ServicesFault extends Error {
  readonly code: ServicesCode;

  constructor(code: ServicesCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "ServicesFault";
    this.code = code;
  }
}
