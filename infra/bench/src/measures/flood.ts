import { waitFor } from "@rekey/stack";
import type { OutgoingRecord } from "@rekey/domain";
import type { FloodFigures } from "../report/figures.ts";
import type { Sizes } from "../sizes.ts";
import { alertOf } from "../world/alerts.ts";
import { membersOf } from "../world/inventory.ts";
import { followOutput, type Mark } from "../world/marks.ts";
import { familiesOf, type World } from "../world/world.ts";
import { mainOfKind } from "./mains.ts";

interface FloodOptions {
  readonly world: World;
  readonly sizes: Sizes;
  /** Each alert an event of its own, or one event for each credential, delivered again and again. */
  readonly alerts: "anew" | "redelivered";
}

const publishedAtOnce = 5_000;
const recordedMaxMs = 120_000;

/** Alerts that wait in Kafka when intake starts; from the first that it takes to the last that is recorded. */
export const measureFlood = async ({
  world,
  sizes,
  alerts,
}: FloodOptions): Promise<FloodFigures> => {
  const credentials = membersOf(familiesOf(sizes).alerts);
  const before = await casesOf(world, credentials);
  const records = alertsAbout(credentials, { count: sizes.floodAlerts, alerts });
  for (let start = 0; start < records.length; start += publishedAtOnce)
    await world.publisher.publish(records.slice(start, start + publishedAtOnce));
  const seconds = await taken(world, records.length);
  const cases = (await casesOf(world, credentials)) - before;
  return { alerts: records.length, credentials: credentials.length, cases, seconds };
};

const alertsAbout = (
  credentials: readonly string[],
  { count, alerts }: { readonly count: number } & Pick<FloodOptions, "alerts">,
): readonly OutgoingRecord[] => {
  const once = credentials.map((credential) => alertOf({ credential, version: 1 }));
  return Array.from({ length: count }, (_, index) => {
    const place = index % credentials.length;
    const again = once[place];
    if (again === undefined) throw new Error("no credential to report");
    return alerts === "anew"
      ? alertOf({ credential: credentials[place] ?? "", version: 1 })
      : again;
  });
};

/** Seconds, on the service's own clock. */
const taken = async (world: World, count: number): Promise<number> => {
  const services = await world.services({ kinds: ["intake"], mainOf: mainOfKind });
  try {
    const next = followOutput(services[0]?.logFile ?? "");
    const marks: Mark[] = [];
    let recorded = 0;
    const done = await waitFor(async () => {
      const output = await next();
      marks.push(...output.marks);
      recorded += output.recorded;
      return recorded >= count;
    }, recordedMaxMs);
    if (!done) throw new Error(`${recorded} of ${count} alerts were recorded`);
    const first = marks.find(({ name }) => name === "intake.before-admit");
    const last = marks.findLast(({ name }) => name === "intake.after-admit");
    if (first === undefined || last === undefined) throw new Error("intake told of no moment");
    return Number(last.at - first.at) / 1e9;
  } finally {
    await Promise.all(services.map(async (service) => await service.stop()));
  }
};

const casesOf = async ({ ledger }: World, credentials: readonly string[]): Promise<number> => {
  const [row] = await ledger.rows<{ count: string }>(
    "select count(*) from rekey.cases where kind = 'incident' and about = any($1::text[])",
    [credentials.map((credential) => `${credential}#1`)],
  );
  return Number(row?.count);
};
