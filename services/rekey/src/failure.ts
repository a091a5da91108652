import type { Problem } from "@rekey/domain";

/** How a command ends; `rekey --help` and docs/cli.md list them. */
export const exitCodes = {
  ok: 0,
  /** Refused, or it failed: the reason and the next action are on standard error. */
  refused: 1,
  /** What was given has problems, each with its path; nothing was changed. */
  badInput: 2,
  /** No gateway answers, or the one that does is not trusted. */
  unreachable: 3,
  /** What was waited for stopped for a person. */
  halted: 4,
} as const;
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

interface FailureOptions {
  readonly exitCode: ExitCode;
  readonly problems?: readonly Problem[];
  /** What a person does about it. */
  readonly next?: string;
  /** The refusal's or fault's code. */
  readonly code?: string;
}

/** A command that ends without what was asked. Its texts are written for people and hold no secret. */
export class CommandFailure extends Error {
  readonly exitCode: ExitCode;
  readonly problems: readonly Problem[];
  readonly next: string | undefined;
  readonly code: string | undefined;

  constructor(reason: string, options: FailureOptions) {
    super(reason);
    this.name = "CommandFailure";
    this.exitCode = options.exitCode;
    this.problems = options.problems ?? [];
    this.next = options.next;
    this.code = options.code;
  }
}

/** What was given cannot be used: exit 2. */
export const badInput = (reason: string, problems: readonly Problem[] = []): CommandFailure =>
  new CommandFailure(reason, { exitCode: exitCodes.badInput, problems });
