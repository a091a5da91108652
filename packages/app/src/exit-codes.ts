import { ConfigFault, EmbeddedPostgresFault, exhaustedExitCode, SecretFault } from "@rekey/runtime";

/** What the code of an ended `rekey up` tells a supervisor and a person; docs/operations.md has the same table. */
export const exitCodes = {
  /** Could not start, or something did not stop in time. */
  failed: 1,
  /** The configuration is wrong: starting again without changing it is no use. */
  configuration: 2,
  /** Something died too often: start it again. */
  exhausted: exhaustedExitCode,
  /** sysexits.h EX_TEMPFAIL: another live process has the data directory. */
  inUse: 75,
} as const;

/** The code for what kept a process from starting. */
export const exitCodeFor = (error: unknown): number => {
  if (error instanceof ConfigFault || error instanceof SecretFault) return exitCodes.configuration;
  const inUse = error instanceof EmbeddedPostgresFault && error.code === "POSTGRES_FOLDER_IN_USE";
  return inUse ? exitCodes.inUse : exitCodes.failed;
};
