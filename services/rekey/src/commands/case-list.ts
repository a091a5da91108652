import { apiRoutes } from "@rekey/contracts";
import { Option } from "commander";
import type { AddCommand, Context } from "../context.ts";
import { stateWord } from "../format/state.ts";
import { table } from "../format/table.ts";
import { relative } from "../format/time.ts";
import { gatherPages, rowCount, rowsDefault } from "./pages.ts";

const routes = apiRoutes.cases;

interface Options {
  readonly open?: boolean;
  readonly refused?: boolean;
  readonly limit: number;
}

/** Cases, or what was refused before it could become one. */
export const addCaseList: AddCommand = (parent, context) => {
  parent
    .command("list")
    .description("cases, the newest first; with --refused what was refused before it became one")
    .option("--open", "only those that are not closed")
    .addOption(
      new Option(
        "--refused",
        "signals and reports that were refused or quarantined, with the reason",
      ).conflicts("open"),
    )
    .option("--limit <rows>", "at most this many", rowCount, rowsDefault)
    .action(async (options: Options) =>
      options.refused === true ? await listRefused(context, options) : await list(context, options),
    );
};

const list = async (context: Context, { open, limit }: Options): Promise<void> => {
  const found = await gatherPages(limit, async (page) => {
    const query = { ...page, ...(open === true && { open: "true" as const }) };
    const { value, wire } = await context.client().call(routes.list, { query });
    return { rows: value.cases, wire: (wire as { cases: unknown[] }).cases, next: value.next };
  });
  const { terminal, clock } = context;
  if (context.wantsJson()) {
    const { wire, next } = found;
    return terminal.json({ cases: wire, ...(next !== undefined && { next }) });
  }
  const rows = found.rows.map((one) => [
    one.id,
    one.kind,
    one.about,
    stateWord(one.state, terminal.paint, one.waitsOn),
    one.mode,
    String(one.signals),
    relative(one.openedAt, clock.now()),
  ]);
  terminal.line(
    rows.length === 0
      ? "no cases"
      : table(["case", "kind", "about", "state", "mode", "signals", "opened"], rows),
  );
  if (found.next !== undefined) terminal.note("there are more: raise --limit");
};

const listRefused = async (context: Context, { limit }: Options): Promise<void> => {
  const found = await gatherPages(limit, async (page) => {
    const query = { ...page, outcomes: "refused,quarantined" };
    const { value, wire } = await context.client().call(routes.signals, { query });
    return {
      rows: value.signals,
      wire: (wire as { signals: unknown[] }).signals,
      next: value.next,
    };
  });
  const { terminal, clock } = context;
  if (context.wantsJson()) {
    const { wire, next } = found;
    return terminal.json({ signals: wire, ...(next !== undefined && { next }) });
  }
  if (found.rows.length === 0) return terminal.line("nothing was refused");
  for (const { id, outcome, source, receivedAt, reason, problems } of found.rows) {
    const when = relative(receivedAt, clock.now());
    terminal.line(`${id}  ${outcome}  from ${source}, ${when}: ${reason}`);
    for (const problem of problems)
      terminal.line(`    ${problem.path === "" ? "(whole)" : problem.path}: ${problem.reason}`);
  }
};
