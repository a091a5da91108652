import { ConfigFault, systemClock, type Environment } from "@rekey/runtime";
import { counted, Fault, faultCodes } from "@rekey/domain";
import { Command, CommanderError } from "commander";
import { commandCatalog } from "./commands/catalog.ts";
import type { Context, Input, RunningProcess } from "./context.ts";
import { CommandFailure, exitCodes } from "./failure.ts";
import { gatewayClient } from "./gateway/client.ts";
import { openCredentials } from "./gateway/connect.ts";
import { networkTransport } from "./gateway/network-transport.ts";
import type { Transport } from "./gateway/outgoing.ts";
import { socketTransport } from "./gateway/socket-transport.ts";
import { socketDefault, targetOf, type TargetOptions } from "./gateway/target.ts";
import { createTerminal, type Output, type Terminal } from "./terminal.ts";

export interface CommandLine {
  /** Without the program's own name. */
  readonly words: readonly string[];
  readonly environment: Environment;
  readonly stdin: Input;
  readonly stdout: Output;
  readonly stderr: Output;
  readonly process: RunningProcess;
}

/** One command from its words to its exit code. Never throws. */
export const runCommandLine = async (line: CommandLine): Promise<number> => {
  const terminal = createTerminal(line, line.environment);
  const program = createProgram(line, terminal);
  try {
    await program.parseAsync([...line.words], { from: "user" });
    return exitCodes.ok;
  } catch (error) {
    return exitOf(error, terminal);
  }
};

const footer = `
Exit codes:
  0  done
  1  refused, or it failed: the reason and the next action are on standard error
  2  what was given has problems, each with its path; nothing was changed
  3  no gateway answers, or the one that does is not trusted
  4  what was waited for stopped for a person

Start everything on this machine with \`rekey up\`; all other commands ask its gateway. A gateway over the
network is named by --url and shown a token or a certificate:
  rekey --url https://rekey-1.example.org:8443 --url https://rekey-2.example.org:8443 --token file:token doctor
The next URL is tried where the one before takes no connection. Variables stand for the options:
REKEY_URL (several with commas), REKEY_TOKEN, REKEY_CA, REKEY_CERT and REKEY_KEY.`;

const createProgram = (line: CommandLine, terminal: Terminal): Command => {
  const program = new Command("rekey")
    .description("Rotates and revokes machine credentials, and proves that the old ones are dead.")
    .option("--socket <path>", `the gateway's Unix socket (REKEY_SOCKET, or ${socketDefault})`)
    .option("--url <url>", "a gateway over the network, https; again for each replica", collect)
    .option("--token <reference>", "file:<path> or env:<NAME> of a bearer token")
    .option("--ca <file>", "authorities that the gateway's certificate is trusted by, PEM")
    .option("--cert <file>", "a client certificate, PEM")
    .option("--key <file>", "the private key of --cert, PEM")
    .option("--json", "print what the API answered, with RFC 3339 times")
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void line.stdout.write(text),
      writeErr: (text) => void line.stderr.write(text),
    })
    .configureHelp({ showGlobalOptions: true })
    .showHelpAfterError("(add --help for what there is)")
    .addHelpText("after", footer);
  const context: Context = {
    terminal,
    stdin: line.stdin,
    environment: line.environment,
    clock: systemClock,
    process: line.process,
    named: () => program.opts<TargetOptions>().socket,
    wantsJson: () => program.opts<{ json?: boolean }>().json === true,
    client: () => gatewayClient(transportOf(program.opts<TargetOptions>(), line.environment)),
  };
  for (const add of commandCatalog) add(program, context);
  return program;
};

const collect = (url: string, before: readonly string[] = []): readonly string[] => [
  ...before,
  url,
];

const transportOf = (options: TargetOptions, environment: Environment): Transport => {
  const target = targetOf(options, environment);
  if ("socketPath" in target) return socketTransport(target.socketPath);
  const show = openCredentials(target, { environment, clock: systemClock });
  return networkTransport({ urls: target.urls, show, clock: systemClock });
};

const exitOf = (error: unknown, terminal: Terminal): number => {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : exitCodes.badInput;
  if (error instanceof CommandFailure) {
    tell(terminal, error);
    return error.exitCode;
  }
  if (error instanceof ConfigFault) {
    const problems = error.problems.map(({ path, text }) => ({ path, reason: text }));
    tell(terminal, {
      message: `the configuration has ${counted(problems.length, "problem")}`,
      problems,
    });
    return exitCodes.badInput;
  }
  if (error instanceof Fault) {
    const { text, next } = faultCodes[error.code];
    const code = [error.code, error.providerCode].filter(Boolean).join(", ");
    tell(terminal, { message: text, code, problems: [], next });
    return exitCodes.refused;
  }
  // Whatever else it is, its text may quote anything.
  const name = error instanceof Error ? error.name : "unknown";
  tell(terminal, { message: `an unexpected failure (${name})`, problems: [] });
  return exitCodes.refused;
};

type Told = Pick<CommandFailure, "message" | "problems"> & {
  readonly code?: string | undefined;
  readonly next?: string | undefined;
};

const tell = (terminal: Terminal, { message, problems, code, next }: Told): void => {
  terminal.note(
    `${terminal.paint.bad("rekey:")} ${message}${code === undefined ? "" : ` (${code})`}`,
  );
  for (const { path, reason } of problems)
    terminal.note(`  ${path === "" ? "(whole)" : path}: ${reason}`);
  if (next !== undefined) terminal.note(`  next: ${next}`);
};
