export type StackCode =
  | "PART_MISSING"
  | "TOOL_MISSING"
  | "INSTALL_FAILED"
  | "PORT_IN_USE"
  | "START_FAILED"
  | "REQUEST_FAILED"
  | "STATE_UNREADABLE";

/** Its text names parts, folders, ports and what to do next; no password or key is ever part of it. */
export class StackFault extends Error {
  readonly code: StackCode;

  constructor(code: StackCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "StackFault";
    this.code = code;
  }
}
