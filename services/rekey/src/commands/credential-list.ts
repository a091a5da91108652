import { apiRoutes } from "@rekey/contracts";
import type { AddCommand } from "../context.ts";
import { stateWord } from "../format/state.ts";
import { table } from "../format/table.ts";
import { gatherPages, rowCount, rowsDefault } from "./pages.ts";

interface Options {
  readonly environment?: string;
  readonly identity?: string;
  readonly limit: number;
}

/** Credentials in id order. */
export const addCredentialList: AddCommand = (parent, context) => {
  parent
    .command("list")
    .description("credentials with their current version and what is going on")
    .option("--environment <name>", "only those of one environment")
    .option("--identity <id>", "only those of one identity")
    .option("--limit <rows>", "at most this many", rowCount, rowsDefault)
    .action(async ({ limit, ...only }: Options) => {
      const found = await gatherPages(limit, async (page) => {
        const query = { ...page, ...only };
        const { value, wire } = await context.client().call(apiRoutes.credentials.list, { query });
        const { credentials } = wire as { credentials: unknown[] };
        return { rows: value.credentials, wire: credentials, next: value.next };
      });
      const { terminal } = context;
      if (context.wantsJson()) {
        const { wire, next } = found;
        terminal.json({ credentials: wire, ...(next !== undefined && { next }) });
        return;
      }
      terminal.line(
        found.rows.length === 0
          ? "no credentials: `rekey apply -f inventory.yaml` declares some"
          : table(
              ["credential", "environment", "issuer", "current", "alive", "rotation", "owner"],
              found.rows.map(({ credential, versions, active }) => [
                credential.id,
                credential.environment,
                credential.issuer.instance,
                currentOf(versions),
                String(versions.filter(({ life }) => alive.has(life)).length),
                rotationWord(credential, active && stateWord(active.state, terminal.paint)),
                credential.owner,
              ]),
            ),
      );
      if (found.next !== undefined) terminal.note(`there are more: raise --limit`);
    });
};

const alive: ReadonlySet<string> = new Set(["valid", "suspended", "ending"]);

const currentOf = (versions: readonly { label: string; number: number }[]): string => {
  const current = versions.find(({ label }) => label === "current");
  return current === undefined ? "none" : `#${current.number}`;
};

const rotationWord = (
  credential: { readonly declared: boolean; readonly ended: boolean },
  active: string | undefined,
): string => {
  const word = active ?? (credential.ended ? "ended" : undefined);
  if (credential.declared) return word ?? "–";
  return word === undefined ? "undeclared" : `${word}, undeclared`;
};
