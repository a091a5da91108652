import { apiRoutes } from "@rekey/contracts";
import type { AddCommand, Context } from "../context.ts";
import { auditCells, auditTitles, type EventShown } from "../format/event-line.ts";
import { columns } from "../format/table.ts";
import { relative } from "../format/time.ts";
import { findCase, findCredential } from "./find.ts";
import { pageRows, rowCount, rowsDefault } from "./pages.ts";

interface Options {
  readonly rows: number;
  readonly follow?: boolean;
  readonly credential?: string;
  readonly case?: string;
}

/** The audit log. */
export const addAudit: AddCommand = (parent, context) => {
  parent
    .command("audit")
    .description("what was recorded, by whom and why")
    .command("tail", { isDefault: true })
    .description("the last events; with --follow what comes next, until ^C")
    .option("-n, --rows <count>", "the last this many", rowCount, rowsDefault)
    .option("-f, --follow", "wait for what comes next")
    .option("--credential <id>", "only what is about one credential")
    .option("--case <case>", "only what is about one case")
    .action(async (options: Options) => await tail(context, options));
};

interface Row {
  readonly event: EventShown;
  readonly wire: unknown;
}

type Filter = { readonly credential?: string; readonly case?: string };

const pollMs = 20_000;
/** Pages read on the way to the log's end. */
const pagesMax = 10_000;

const tail = async (context: Context, options: Options): Promise<void> => {
  // A slip in a name would look like a log that has nothing to tell.
  if (options.credential !== undefined) await findCredential(context, options.credential);
  const filter: Filter = {
    ...(options.credential !== undefined && { credential: options.credential }),
    ...(options.case !== undefined && { case: await findCase(context, options.case) }),
  };
  const { last, cursor } = await readToEnd(context, filter, options.rows);
  if (context.wantsJson() && options.follow !== true)
    return context.terminal.json({ events: last.map(({ wire }) => wire) });
  if (last.length === 0 && options.follow !== true)
    context.terminal.line("nothing is recorded yet");
  const show = createShow(context);
  show(last);
  if (options.follow === true) await follow(context, { filter, cursor, show });
};

const read = async (
  context: Context,
  filter: Filter,
  from: { readonly after: string | undefined; readonly waitMs: number },
): Promise<{ readonly rows: readonly Row[]; readonly next: string | undefined }> => {
  const { after, waitMs } = from;
  const position = { ...(after !== undefined && { after }), waitMs: String(waitMs) };
  const query = { limit: String(pageRows), ...position, ...filter };
  const { value, wire } = await context.client().call(apiRoutes.audit.tail, { query });
  const raw = (wire as { events: unknown[] }).events;
  const rows = value.events.map((event, index) => ({ event, wire: raw[index] }));
  return { rows, next: value.next };
};

const readToEnd = async (context: Context, filter: Filter, count: number) => {
  let last: readonly Row[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < pagesMax; page += 1) {
    const { rows, next } = await read(context, filter, { after: cursor, waitMs: 0 });
    last = [...last, ...rows].slice(-count);
    cursor = next;
    if (rows.length < pageRows) break;
  }
  return { last, cursor };
};

type Show = (rows: readonly Row[]) => void;

/** What comes later keeps the columns of what was shown before. */
const createShow = ({ terminal, clock, wantsJson }: Context): Show => {
  let widths: readonly number[] = [];
  return (rows) => {
    if (wantsJson()) return rows.forEach(({ wire }) => terminal.jsonLine(wire));
    if (rows.length === 0) return;
    const titles = widths.length === 0 ? [auditTitles] : [];
    const cells = rows.map(({ event }) =>
      auditCells(event, relative(event.at, clock.now()), terminal.paint),
    );
    const shown = columns([...titles, ...cells], widths);
    widths = shown.widths;
    for (const line of shown.lines) terminal.line(line);
  };
};

interface Following {
  readonly filter: Filter;
  readonly cursor: string | undefined;
  readonly show: Show;
}

// Ends with the process: a person asked to go on.
const follow = async (context: Context, following: Following): Promise<never> => {
  const { filter, show } = following;
  let { cursor } = following;
  for (;;) {
    const { rows, next } = await read(context, filter, { after: cursor, waitMs: pollMs });
    show(rows);
    cursor = next ?? cursor;
  }
};
