export type EmbeddedPostgresCode =
  | "POSTGRES_PLATFORM_UNSUPPORTED"
  | "POSTGRES_BINARIES_MISSING"
  | "POSTGRES_ACCOUNT_MISSING"
  | "POSTGRES_FOLDER_UNREACHABLE"
  | "POSTGRES_FOLDER_IN_USE"
  | "POSTGRES_VERSION_MISMATCH"
  | "POSTGRES_INITDB_FAILED"
  | "POSTGRES_PORT_IN_USE"
  | "POSTGRES_START_FAILED"
  | "POSTGRES_STOP_FAILED";

/** Its text names folders, ports, exit codes and what to do; no password is ever part of it. */
export class EmbeddedPostgresFault extends Error {
  readonly code: EmbeddedPostgresCode;
  readonly publicText: string;

  constructor(code: EmbeddedPostgresCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "EmbeddedPostgresFault";
    this.code = code;
    this.publicText = message;
  }
}
