import type { Selection } from "./load.ts";

/** What opening or joining rotations of credentials reads. $1 the credentials, all locked. */
export const openingSelection: Selection = {
  credentials: "t.id = any($1::text[])",
  holds: "t.id = any($1::text[])",
  versions: "t.credential = any($1::text[])",
  rotations:
    "t.credential = any($1::text[]) and t.state not in ('completed', 'undone', 'withdrawn', 'would-have')",
  obligations: "t.credential = any($1::text[]) and t.settled_at is null",
  modes: "true",
};
