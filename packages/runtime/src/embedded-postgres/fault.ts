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

/** `message` is public text: it names folders, ports and exit codes, and what to do. */
export class EmbeddedPostgresFault extends Error {
  readonly code: EmbeddedPostgresCode;

  constructor(code: EmbeddedPostgresCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "EmbeddedPostgresFault";
    this.code = code;
  }
}
