import { Fault } from "@rekey/domain";
import { PostgresFault } from "@rekey/runtime";
import { CommandFailure, exitCodes } from "../failure.ts";

interface Said {
  readonly text: string;
  readonly next: string;
}

// PostgreSQL's appendix A: lock_not_available, insufficient_privilege.
const saidBySqlState: ReadonlyMap<string, Said> = new Map([
  [
    "55P03",
    {
      text: "another transaction holds a lock that a migration needs for too long",
      next: "end that transaction, or wait for it (pg_stat_activity, pg_locks), then run it again",
    },
  ],
  [
    "42501",
    {
      text: "the login that migrates lacks a right",
      next: "let `ledger.owner` own the schema rekey and what is in it, or create it; then run it again",
    },
  ],
]);

const broken: Said = {
  text: "PostgreSQL refused a migration",
  next: "services of the build before go on: report it with this code",
};

/** What `rekey ledger migrate` ends with: a ledger that answers is not said to be away. Others pass unchanged. */
export const migrationFailure = (error: unknown): unknown => {
  const cause = error instanceof Error ? error.cause : undefined;
  if (!(cause instanceof PostgresFault) || cause.sqlState === undefined) return error;
  const said = saidBySqlState.get(cause.sqlState) ?? (error instanceof Fault ? undefined : broken);
  if (said === undefined) return error;
  const { text, next } = said;
  return new CommandFailure(text, { exitCode: exitCodes.refused, code: cause.sqlState, next });
};
