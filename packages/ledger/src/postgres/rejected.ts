/** `select` of the events `keys` picks; each of the two indexes on them holds one kind of outcome. */
const eventsOf = (keys: string): string => `t.id in (
  select s.id from rekey.signals s where s.outcome = 'quarantined' and ${keys}
  union all select s.id from rekey.signals s where s.outcome <> 'quarantined' and ${keys})`;

/** What could not be read, as it was recorded before: $1 its sources, $2 the feed, $3 the event ids. */
export const rejectedBefore = eventsOf(
  "s.source_system = any($1::text[]) and s.source_feed = $2 and s.event_id = any($3::text[])",
);

/** One that the ledger could not hold, as it was quarantined before: $1 producer, $2 feed, $3 digest, $4 coordinates. */
export const unreadableBefore = `t.outcome = 'quarantined'
  and t.source_system = $1 and t.source_feed = $2 and t.event_id = $3 and t.coordinates = $4`;
