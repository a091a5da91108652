import { relative, resolve } from "node:path";
import type { Environment } from "../environment.ts";
import { StackFault } from "../fault.ts";
import { locate, roomFile } from "../install/locate.ts";
import type { StackContext } from "./context.ts";
import { down, forget } from "./down.ts";
import { installEach } from "./install-each.ts";
import { helpText, type Asked, type Command } from "./options.ts";
import { defaultPorts } from "./parts.ts";
import type { Progress } from "./progress.ts";
import { reportOf, reportText } from "./report.ts";
import { openState, withFolder } from "./state.ts";
import { tableText } from "./table.ts";
import { up } from "./up.ts";

export interface Terminal {
  readonly environment: Environment;
  readonly progress: Progress;
  readonly out: (text: string) => void;
}

const usageExitCode = 2;

/** The exit code: 0 only if everything that was asked for is so. */
export const run = async (command: Command, terminal: Terminal): Promise<number> => {
  try {
    return await carryOut(command, terminal);
  } catch (error) {
    if (!(error instanceof StackFault)) throw error;
    terminal.progress.say(`\n${error.message}`);
    return 1;
  }
};

const carryOut = async (command: Command, terminal: Terminal): Promise<number> => {
  if (command.command === "help") {
    terminal.out(helpText());
    return 0;
  }
  if (command.command === "refused") {
    terminal.progress.say(`${command.reason}\n\n${helpText()}`);
    return usageExitCode;
  }
  if (command.command === "install") return installAll(command, terminal);
  const context = await contextOf(command, terminal);
  if (command.command === "status") return report(command, context, terminal);
  return withFolder(context.folder, async () => {
    if (command.command === "up") return bringUp(command, context, terminal);
    await down(command.only, context);
    if (command.forget) await forget(command.only, context);
    if (command.json) terminal.out(`${JSON.stringify({ parts: [] })}\n`);
    return 0;
  });
};

const contextOf = async (asked: Asked, terminal: Terminal): Promise<StackContext> => {
  const folder = resolve(asked.folder ?? roomFile("../../.rekey/stack"));
  const { environment, progress } = terminal;
  const { ports: askedPorts, sasl } = asked;
  const state = await openState(folder);
  const recorded = Object.fromEntries(state.list().map(({ part, port }) => [part, port]));
  const ports = { ...defaultPorts, ...recorded, ...askedPorts };
  return { folder, ports, askedPorts, sasl, environment, progress, state };
};

const bringUp = async (
  asked: Asked,
  context: StackContext,
  terminal: Terminal,
): Promise<number> => {
  await up(asked.only, context);
  const code = await report(asked, context, terminal);
  if (asked.json) return code;
  const near = relative(process.cwd(), context.folder);
  const folder = near.startsWith("..") ? context.folder : near;
  const stack = "npx -y pnpm@10 stack";
  const place = asked.folder === undefined ? "" : ` --folder ${asked.folder}`;
  terminal.out(
    [
      `  Data, logs, passwords and Vault's keys are below ${folder}; only this user may read the secret ones.`,
      `  Next: npx -y pnpm@10 services up starts Rekey on them; ${stack} status${place}; at the end ${stack} down${place}`,
      "",
    ].join("\n"),
  );
  return code;
};

const report = async (asked: Asked, context: StackContext, terminal: Terminal): Promise<number> => {
  const asking = { doing: "asking each part" };
  const reports = await terminal.progress.during(asking, () => reportOf(asked.only, context));
  terminal.out(
    asked.json
      ? `${JSON.stringify({ parts: reports }, undefined, 2)}\n`
      : `\n${reportText(reports)}\n`,
  );
  return reports.every(({ problem }) => problem === undefined) ? 0 : 1;
};

const installAll = async (
  { only, json }: Command & { command: "install" },
  { environment, progress, out }: Terminal,
): Promise<number> => {
  await installEach(only, { environment, progress });
  const found = only.map((part) => ({ part, ...locate(part, environment) }));
  const programs = found.map(({ part, version = "", command = "" }) => ({
    part,
    version,
    command,
  }));
  const rows = programs.map(({ part, version, command }) => [part, version, command]);
  out(
    json
      ? `${JSON.stringify({ installed: programs }, undefined, 2)}\n`
      : `\n${tableText([["program", "version", "started by"], ...rows])}\n`,
  );
  return 0;
};
