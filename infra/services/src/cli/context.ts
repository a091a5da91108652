import type { Environment, Progress } from "@rekey/stack";

/** What every command works with. */
export interface ServicesContext {
  /** Secrets, configuration, sockets, logs and what is recorded. */
  readonly folder: string;
  readonly environment: Environment;
  readonly progress: Progress;
  readonly out: (text: string) => void;
}
