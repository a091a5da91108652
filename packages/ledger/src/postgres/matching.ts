import {
  parseRekeyLocator,
  rekeyLocatorScheme,
  serviceOf,
  type ReceivedSignal,
  type Signal,
} from "@rekey/domain";
import { prepared } from "./prepared.ts";
import type { Transaction } from "./database.ts";

/** Ids of what the signals of a batch may be about, before any of it is locked. */
export interface Matched {
  readonly credentials: readonly string[];
  readonly identities: readonly string[];
  readonly consumers: readonly string[];
  /** Rows of the inbox that came with the same event ids before this batch. */
  readonly repeated: readonly string[];
}

/** Finds what the signals name, and which of their events the inbox has already. */
export const match = async (
  { client }: Transaction,
  signals: readonly ReceivedSignal[],
): Promise<Matched> => {
  const { rows } = await prepared<Matched>(client, matchText, matchParameters(signals));
  return rows[0] ?? { credentials: [], identities: [], consumers: [], repeated: [] };
};

export const matchParameters = (received: readonly ReceivedSignal[]): readonly unknown[] => {
  // An event that came again and again is one signal, and no copies.
  const signals = [...new Set(received.map(({ signal }) => signal))];
  return [
    documentOf(locatorsOf(signals)),
    [...new Set(namedOf(signals))],
    documentOf(subjectsOf(signals)),
    documentOf(servicesOf(signals)),
    documentOf(eventsOf(signals)),
  ];
};

/** As one JSON array. A batch about few things names them again and again: each is in it once. */
const documentOf = (names: readonly object[]): string =>
  `[${[...new Set(names.map((name) => JSON.stringify(name)))].join()}]`;

// A batch is small and the tables are not: each of its rows is looked up by index, whatever the planner
// takes its number for. `offset 0` keeps it from turning the look-ups into one join over everything.
export const matchText = `
  with services as (
    select c.id::text as id from rekey.consumers c
      join jsonb_to_recordset($4::jsonb) as s(service text, environment text) using (service, environment)
  ), subjects as (
    select scheme, value from jsonb_to_recordset($3::jsonb) as s(scheme text, value text)
  ), events as (
    select source_system, source_feed, event_id from jsonb_populate_recordset(null::rekey.signals, $5::jsonb)
  )
  select
    array(
      select f.credential from jsonb_to_recordset($1::jsonb) as l(scheme text, value text),
        lateral (select f.credential::text from rekey.version_fingerprints f
          where f.scheme = l.scheme and f.value = l.value offset 0) f
      union select unnest($2::text[])
      union select c.id from services s,
        lateral (select c.id::text from rekey.credentials c where c.consumers @> array[s.id] offset 0) c
    ) as credentials,
    array(
      select i.id from subjects s,
        lateral (select i.id::text from rekey.identities i where i.id = s.value offset 0) i
      union select i.id from subjects s,
        lateral (select i.id::text from rekey.identities i where i.aliases @>
          jsonb_build_array(jsonb_build_object('scheme', s.scheme, 'value', s.value)) offset 0) i
    ) as identities,
    array(select id from services) as consumers,
    array(
      select s.id from events e,
        lateral (select s.id::text from rekey.signals s
          where s.source_system = e.source_system and s.source_feed = e.source_feed
            and s.event_id = e.event_id and s.outcome <> 'quarantined' offset 0) s
      union all select s.id from events e,
        lateral (select s.id::text from rekey.signals s
          where s.source_system = e.source_system and s.source_feed = e.source_feed
            and s.event_id = e.event_id and s.outcome = 'quarantined' offset 0) s
    ) as repeated`;

const eventsOf = (signals: readonly Signal[]): readonly object[] =>
  signals.map(({ source, eventId }) => ({
    source_system: source.system,
    source_feed: source.feed,
    event_id: eventId,
  }));

const locatorsOf = (signals: readonly Signal[]): readonly object[] =>
  signals.flatMap((signal) =>
    signal.locators
      .filter(({ scheme }) => scheme !== rekeyLocatorScheme)
      .map(({ scheme, value }) => ({ scheme, value })),
  );

const namedOf = (signals: readonly Signal[]): readonly string[] =>
  signals.flatMap((signal) =>
    signal.locators
      .filter(({ scheme }) => scheme === rekeyLocatorScheme)
      .flatMap(({ value }) => parseRekeyLocator(value)?.credential ?? []),
  );

const subjectsOf = (signals: readonly Signal[]): readonly object[] =>
  signals.flatMap((signal) => signal.subject?.ids ?? []);

const servicesOf = (signals: readonly Signal[]): readonly object[] =>
  signals.flatMap((signal) => {
    const service = serviceOf(signal);
    return service === undefined || signal.environment === undefined
      ? []
      : [{ service, environment: signal.environment }];
  });
