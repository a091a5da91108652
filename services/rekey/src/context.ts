import type { runUp } from "@rekey/app";
import type { Environment, WallClock } from "@rekey/runtime";
import type { Command } from "commander";
import type { ApiRoute } from "@rekey/contracts";
import type { Asked, GatewayClient, Replied } from "./gateway/client.ts";
import type { Terminal } from "./terminal.ts";

/** The part of `process` that `up` needs: signals, and its end. */
export type RunningProcess = Parameters<typeof runUp>[0]["process"];

/** Standard input. */
export type Input = AsyncIterable<Uint8Array | string> & { readonly isTTY?: boolean };

/** What every command gets. */
export interface Context {
  readonly terminal: Terminal;
  readonly stdin: Input;
  readonly environment: Environment;
  readonly clock: WallClock;
  readonly process: RunningProcess;
  /** The socket as `--socket` names it, if it does. */
  readonly named: () => string | undefined;
  readonly wantsJson: () => boolean;
  readonly client: () => GatewayClient;
}

/** Adds one command to the program. */
export type AddCommand = (parent: Command, context: Context) => void;

/** Asks, and prints the wire's JSON where that is wanted, else what `human` makes of it. */
export const answer = async <Route extends ApiRoute>(
  context: Context,
  call: { readonly route: Route; readonly asked?: Asked<Route> },
  human: (value: Replied<Route>["value"]) => string,
): Promise<Replied<Route>["value"]> => {
  const { value, wire } = await context.client().call(call.route, call.asked);
  if (context.wantsJson()) context.terminal.json(wire);
  else context.terminal.line(human(value));
  return value;
};
