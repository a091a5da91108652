import { confirm, isCancel } from "@clack/prompts";
import { apiRoutes } from "@rekey/contracts";
import { counted } from "@rekey/domain";
import type { z } from "zod";
import type { AddCommand, Context } from "../context.ts";
import { badInput, CommandFailure, exitCodes } from "../failure.ts";
import type { Paint } from "../format/paint.ts";
import { readInput } from "../input/read-input.ts";
import { yamlDocument } from "../input/yaml-document.ts";

const routes = apiRoutes.inventory;

type Difference = z.output<typeof routes.check.reply>["difference"];
type Change = Difference[number];

interface Options {
  readonly file: string;
  readonly check?: boolean;
  readonly yes?: boolean;
  readonly reason?: string;
}

/** The inventory as code: shows the difference, asks, applies. */
export const addApply: AddCommand = (parent, context) => {
  parent
    .command("apply")
    .description("declare identities, credentials, consumers, grants and policies from a file")
    .requiredOption("-f, --file <inventory.yaml>", "the inventory; - reads standard input")
    .option("--check", "show what would change, and change nothing")
    .option("-y, --yes", "apply without asking")
    .option("--reason <text>", "why, for the audit log")
    .addHelpText(
      "after",
      "\nAn entry that vanished from the file is reported as undeclared; it is never retired by that.",
    )
    .action(async (options: Options) => await apply(context, options));
};

const documentBytesMax = 64 * 1024 * 1024;

const apply = async (context: Context, options: Options): Promise<void> => {
  const { terminal } = context;
  const document = yamlDocument(await readInput(options.file, context.stdin, documentBytesMax));
  const body = { document, ...(options.reason !== undefined && { reason: options.reason }) };
  const { value, wire } = await context.client().call(routes.check, { body });
  const changes = value.difference.filter(isChanged);
  const onlyShows = options.check === true || changes.length === 0;
  if (context.wantsJson() && onlyShows) terminal.json(wire);
  if (!context.wantsJson()) terminal.line(differenceText(value.difference, terminal.paint));
  if (onlyShows) return;
  await agree(context, options, changes.length);
  const applied = await context.client().call(routes.apply, { body });
  if (context.wantsJson()) terminal.json(applied.wire);
  else terminal.line(terminal.paint.good("applied"));
};

/** On a terminal a person is asked; elsewhere `--yes` has to have been said. */
const agree = async (context: Context, { yes }: Options, count: number): Promise<void> => {
  if (yes === true) return;
  const { terminal, stdin } = context;
  if (!terminal.isTty || stdin.isTTY !== true)
    throw badInput("this is no terminal to ask at: add --yes to apply, or --check to only look");
  const agreed = await confirm({
    message: `Apply ${counted(count, "change")}?`,
    initialValue: false,
  });
  if (isCancel(agreed) || !agreed)
    throw new CommandFailure("not applied", { exitCode: exitCodes.refused });
};

const signs = { add: "+", change: "~", undeclared: "?", same: "=" } as const;

/** What vanished before has no field: it is told again, and nothing is written for it. */
const isChanged = ({ change, fields }: Change): boolean =>
  change !== "same" && (change !== "undeclared" || fields.length > 0);

/** One line per entry that differs, its fields below. */
const differenceText = (difference: Difference, paint: Paint): string => {
  const shown = difference.filter(({ change }) => change !== "same");
  const lines = shown.flatMap((change) => changeLines(change, paint));
  if (!difference.some(isChanged)) return [...lines, nothingText(difference)].join("\n");
  const counts = (["add", "change", "undeclared", "same"] as const)
    .map((kind) => [kind, difference.filter(({ change }) => change === kind).length] as const)
    .filter(([, count]) => count > 0)
    .map(([kind, count]) => `${count} ${kind}`);
  return [...lines, counts.join(", ")].join("\n");
};

const nothingText = (difference: Difference): string => {
  const same = difference.filter(({ change }) => change === "same").length;
  const verb = same === 1 ? "is" : "are";
  return `nothing to change: ${counted(same, "entry", "entries")} ${verb} the same`;
};

const changeLines = ({ kind, id, change, fields }: Change, paint: Paint): readonly string[] => {
  const colour = { add: paint.good, change: paint.warn, undeclared: paint.warn, same: paint.quiet };
  const head = colour[change](`${signs[change]} ${kind} ${id}`);
  const vanished = fields.length > 0 ? "no longer in the file" : "still not in the file";
  if (change === "undeclared") return [`${head}  ${vanished}: reported, never retired`];
  if (change === "add") return [head];
  const isBack = fields.some(({ path, to }) => path === "declared" && to === true);
  const rest = fields.filter(({ path }) => path !== "declared");
  return [
    isBack ? `${head}  declared again` : head,
    ...rest.map(({ path, from, to }) => `    ${path}: ${plain(from)} → ${plain(to)}`),
  ];
};

const plain = (value: unknown): string =>
  value === null || value === undefined ? "none" : JSON.stringify(value);
