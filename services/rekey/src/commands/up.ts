import { access } from "node:fs/promises";
import type { AddCommand, Context } from "../context.ts";
import { withoutTarget } from "../gateway/target.ts";

const configDefault = "rekey.yaml";

/** Everything in one process on embedded defaults, until it is asked to stop. */
export const addUp: AddCommand = (parent, context) => {
  parent
    .command("up")
    .description("run everything in this process: ledger, topics, jobs, engine, gateway")
    .option(
      "-c, --config <file>",
      `the configuration (REKEY_CONFIG, or ${configDefault} if it is there)`,
    )
    .action(async ({ config }: { config?: string }) => await up(context, config));
};

const up = async (context: Context, named: string | undefined): Promise<void> => {
  const { environment, terminal, process } = context;
  const configFile = named ?? environment["REKEY_CONFIG"] ?? (await defaultConfig());
  // Only this command needs the database and all providers: the others start without loading them.
  const { runUp } = await import("@rekey/app");
  await runUp({
    ...(configFile !== undefined && { configFile }),
    environment: { ...withoutTarget(environment), ...socketOf(context) },
    process,
    onUp: ({ socket, operationsPort }) => {
      terminal.note(`${terminal.paint.good("rekey is up")}: ${socket}`);
      terminal.note(`  http://127.0.0.1:${operationsPort}/ready and /metrics; ^C stops it`);
      terminal.note("  next: `rekey doctor`, then `rekey apply -f inventory.yaml`");
    },
  });
};

const defaultConfig = async (): Promise<string | undefined> =>
  await access(configDefault).then(
    () => configDefault,
    () => undefined,
  );

// --socket names the socket to open, as it names the one to ask elsewhere.
const socketOf = ({ named }: Context): { readonly REKEY_SOCKET?: string } => {
  const socket = named();
  return socket === undefined ? {} : { REKEY_SOCKET: socket };
};
