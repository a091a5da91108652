import { Fault, type FaultCode } from "@rekey/domain";

/** Answers of the file system that no waiting cures: a person has to grant or correct something. */
const refusedByFileSystem: readonly string[] = [
  "EACCES",
  "EPERM",
  "EROFS",
  "ELOOP",
  "ENOTDIR",
  "EISDIR",
  "ENAMETOOLONG",
];

/** A store fault with a word for operators. No cause: messages of parsers and of age quote what they read. */
export const storeFault = (code: FaultCode, providerCode: string): Fault =>
  new Fault(code, { providerCode });

/** What a failed file operation means. `unknownOutcome` where the effect may have happened. */
export const fileFault = (error: unknown, unknownOutcome = false): Fault => {
  if (error instanceof Fault) return error;
  const errno = errnoOf(error) ?? "unknown";
  const code = refusedByFileSystem.includes(errno) ? "STORE_REJECTED" : "STORE_UNREACHABLE";
  return new Fault(code, { providerCode: errno, unknownOutcome, cause: error });
};

export const errnoOf = (error: unknown): string | undefined =>
  error instanceof Error && "code" in error && typeof error.code === "string"
    ? error.code
    : undefined;
