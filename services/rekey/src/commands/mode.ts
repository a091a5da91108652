import { apiRoutes } from "@rekey/contracts";
import { modes, type Mode, type ModeScope } from "@rekey/domain";
import { Argument } from "commander";
import type { z } from "zod";
import { answer, type AddCommand, type Context } from "../context.ts";
import { badInput } from "../failure.ts";
import { nearest } from "../format/nearest.ts";
import type { Paint } from "../format/paint.ts";
import { table } from "../format/table.ts";
import { pageRows } from "./pages.ts";

const routes = apiRoutes.switches;

interface Options {
  readonly everything?: boolean;
  readonly environment?: string;
  readonly issuer?: string;
  readonly credential?: string;
  readonly producer?: string;
  readonly reason?: string;
}

/** What scopes may do. */
export const addMode: AddCommand = (parent, context) => {
  parent
    .command("mode")
    .description("show every mode that is set, or set one for a scope")
    .addArgument(new Argument("[mode]", "what the scope may do").choices(modes))
    .option("--everything", "the scope is everything")
    .option("--environment <name>", "the scope is one environment")
    .option("--issuer <name>", "the scope is one issuer instance")
    .option("--credential <id>", "the scope is one credential")
    .option("--producer <name>", "the scope is one producer's signals")
    .option("--reason <text>", "why, for the audit log")
    .addHelpText(
      "after",
      "\nThe most restrictive mode that applies wins; where none is set Rekey observes.",
    )
    .action(async (mode: Mode | undefined, options: Options) => {
      const { paint } = context.terminal;
      if (mode === undefined)
        return void (await answer(context, { route: routes.modes }, (value) =>
          shown(value, paint),
        ));
      const { reason } = options;
      if (reason === undefined) throw badInput("a mode is set with a reason: add --reason");
      const body = { ...scopeOf(options), mode, reason };
      const call = { route: routes.setMode, asked: { body } };
      await answer(context, call, (value) => shown(value, paint));
      if (body.scope === "environment") await warnOfNobody(context, body.name);
    });
};

/** A mode may be set before what it is for is declared; a slip in the name would look just like that. */
const warnOfNobody = async (context: Context, environment: string): Promise<void> => {
  const { list } = apiRoutes.credentials;
  const there = await context.client().call(list, { query: { environment, limit: "1" } });
  if (there.value.credentials.length > 0) return;
  const all = await context.client().call(list, { query: { limit: String(pageRows) } });
  const names = all.value.credentials.map(({ credential }) => credential.environment);
  const meant = nearest(environment, [...new Set(names)]);
  const { terminal } = context;
  terminal.note(
    `${terminal.paint.warn("warning:")} no credential is declared in environment ${environment} yet`,
  );
  if (meant !== undefined) terminal.note(`  next: did you mean ${meant}?`);
};

const scopeOf = (options: Options): { readonly scope: ModeScope; readonly name: string } => {
  const named = (["environment", "issuer", "credential", "producer"] as const).flatMap((scope) => {
    const name = options[scope];
    return name === undefined ? [] : [{ scope, name }];
  });
  const scopes =
    options.everything === true ? [{ scope: "everything" as const, name: "" }, ...named] : named;
  const [scope, second] = scopes;
  if (scope !== undefined && second === undefined) return scope;
  throw badInput(
    "name one scope: --everything, --environment, --issuer, --credential or --producer",
  );
};

type Switches = z.output<typeof routes.modes.reply>;

/** Every switch that is set. */
export const shown = ({ modes: settings, pause }: Switches, paint: Paint): string => {
  const colour = { observe: paint.quiet, propose: paint.warn, act: paint.good };
  const rows = settings.map(({ scope, name, mode }) => [scope, name, colour[mode](mode)]);
  return [
    pauseText(pause, paint),
    rows.length === 0
      ? "no mode is set: Rekey only observes; `rekey mode act --environment <name> --reason …`"
      : table(["scope", "name", "mode"], rows),
  ].join("\n\n");
};

const pauseText = ({ paused, all, reason }: Switches["pause"], paint: Paint): string => {
  if (!paused) return "not paused";
  const what = all ? "everything, containment too" : "new planned effects; containment goes on";
  return `${paint.bad("paused")}: ${what}${reason === undefined ? "" : ` (${reason})`}`;
};
