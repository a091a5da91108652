import { join, relative, resolve } from "node:path";
import { StackFault, withFolder, type Environment, type Progress } from "@rekey/stack";
import { ServicesFault } from "../fault.ts";
import { checkoutFile } from "../kinds.ts";
import { readState } from "../processes/state.ts";
import type { ServicesContext } from "./context.ts";
import { down } from "./down.ts";
import { logs } from "./logs.ts";
import { helpText, type Asked, type Command } from "./options.ts";
import { reportOf, reportText } from "./report.ts";
import { up } from "./up.ts";

export interface Terminal {
  readonly environment: Environment;
  readonly progress: Progress;
  readonly out: (text: string) => void;
  /** Ends `logs --follow`. */
  readonly signal: AbortSignal;
}

const usageExitCode = 2;
const defaultFolder = checkoutFile(".rekey/services");

/** The exit code: 0 only if everything that was asked for is so. */
export const run = async (command: Command, terminal: Terminal): Promise<number> => {
  try {
    return await carryOut(command, terminal);
  } catch (error) {
    if (!(error instanceof ServicesFault || error instanceof StackFault)) throw error;
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
  const context = contextOf(command, terminal);
  if (command.command === "status") return await report(command, context);
  if (command.command === "logs") {
    await logs(command, context, terminal.signal);
    return 0;
  }
  return await withFolder(context.folder, async () => {
    if (command.command === "up") return await bringUp(command, context);
    await down(context);
    if (command.json) context.out(`${JSON.stringify({ services: [] })}\n`);
    return 0;
  });
};

const contextOf = (asked: Asked, { environment, progress, out }: Terminal): ServicesContext => ({
  folder: resolve(asked.folder ?? defaultFolder),
  environment,
  progress,
  out,
});

const bringUp = async (
  command: Command & { readonly command: "up" },
  context: ServicesContext,
): Promise<number> => {
  const stackFolder = resolve(command.stackFolder ?? checkoutFile(".rekey/stack"));
  await up({ replicas: command.replicas, stackFolder }, context);
  const code = await report(command, context);
  if (!command.json) context.out(await nextText(context));
  return code;
};

const report = async ({ json }: Asked, { folder, out }: ServicesContext): Promise<number> => {
  const services = await reportOf(folder);
  out(json ? `${JSON.stringify({ services }, undefined, 2)}\n` : `\n${reportText(services)}\n`);
  return services.every(({ problem }) => problem === undefined) ? 0 : 1;
};

const nextText = async ({ folder }: ServicesContext): Promise<string> => {
  const { configFile } = await readState(folder);
  const here = (path: string): string => relative(process.cwd(), path);
  const rekey = `npx -y pnpm@10 rekey --socket ${here(join(folder, "gateway-1.sock"))}`;
  const elsewhere = folder === defaultFolder ? "" : ` --folder ${here(folder)}`;
  return [
    `  They run on ${here(configFile)}; secrets, sockets and logs are below ${here(folder)}.`,
    "  Next:",
    `    ${rekey} doctor`,
    `    ${rekey} apply -f inventory.yaml`,
    `    npx -y pnpm@10 services logs intake --follow${elsewhere}`,
    `    npx -y pnpm@10 services down${elsewhere}`,
    "",
  ].join("\n");
};
