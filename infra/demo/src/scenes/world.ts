import type { Claims } from "../claims.ts";
import type { ContainmentWindow } from "../payments/attempts.ts";
import type { GatewayApi } from "../run/gateway-api.ts";
import type { Keyring } from "../run/keyring.ts";
import type { Layout } from "../run/layout.ts";
import type { PaymentsProcess } from "../run/payments-process.ts";
import type { RekeyCommand } from "../run/rekey-command.ts";
import type { RekeyProcess } from "../run/rekey-process.ts";
import type { SecretlintCommand } from "../scan/secretlint-command.ts";
import type { TargetServer } from "../target/target-server.ts";
import type { Screen } from "../terminal/screen.ts";
import type { CaseRow } from "../report/case-row.ts";

/** What every scene gets. */
export interface World {
  readonly layout: Layout;
  readonly screen: Screen;
  readonly claims: Claims;
  readonly target: TargetServer;
  readonly keyring: Keyring;
  readonly api: GatewayApi;
  readonly rekey: RekeyCommand;
  readonly secretlint: SecretlintCommand;
  readonly up: RekeyProcess;
  readonly payments: PaymentsProcess;
  readonly signal: AbortSignal;
  /** Filled by the scenes, in their order. */
  readonly rows: CaseRow[];
  readonly windows: ContainmentWindow[];
  /** Cases beyond one for a cause, and effects beyond one for a version. */
  readonly doubled: string[];
}
