import { apiRoutes } from "@rekey/contracts";
import type { AddCommand } from "../context.ts";
import { table } from "../format/table.ts";
import { dueText, lengthText } from "../format/time.ts";
import { gatherPages, rowCount, rowsDefault } from "./pages.ts";

/** Every revocation that is owed. */
export const addDebt: AddCommand = (parent, context) => {
  parent
    .command("debt")
    .description("every revocation that is owed, the oldest first: owner, age, next attempt")
    .option("--limit <rows>", "at most this many", rowCount, rowsDefault)
    .action(async ({ limit }: { limit: number }) => {
      const found = await gatherPages(limit, async (query) => {
        const { value, wire } = await context.client().call(apiRoutes.cases.debt, { query });
        const { obligations } = wire as { obligations: unknown[] };
        return { rows: value.obligations, wire: obligations, next: value.next };
      });
      const { terminal } = context;
      if (context.wantsJson()) {
        const { wire, next } = found;
        return terminal.json({ obligations: wire, ...(next !== undefined && { next }) });
      }
      const now = context.clock.now();
      const rows = found.rows.map((owed) => [
        owed.credential === undefined
          ? "a whole case"
          : `${owed.credential}#${owed.version ?? "?"}`,
        owed.owner ?? "–",
        lengthText(now - owed.openedAt),
        dueText(owed.dueAt, now),
        String(owed.attempts),
        owed.case,
        owed.lastReason ?? "",
      ]);
      const titles = ["owed", "owner", "age", "next attempt", "attempts", "case", "last reason"];
      terminal.line(rows.length === 0 ? "nothing is owed" : table(titles, rows));
      if (found.next !== undefined) terminal.note("there are more: raise --limit");
    });
};
