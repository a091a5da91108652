import pg from "pg";
import { eventually } from "./eventually.ts";

export type LeakCheck = {
  /** Waits a moment for what is closing, then fails and names what was left behind. */
  expectNone(): Promise<void>;
};

export type LeakOptions = {
  /** Connections to these databases count too, with every lock they hold. */
  readonly databaseUrls?: readonly string[];
  readonly withinMs?: number;
};

const withinDefaultMs = 2_000;
const ownName = "rekey-testkit-leaks";

// What the test runner itself opens and closes at any time.
const passing = new Set(["Immediate", "MessagePort", "FSReqPromise", "FSReqCallback", "TTYWrap"]);

/** Remembers what is open now. Everything later that keeps the process alive, or a session, is a leak. */
export function startLeakCheck(options: LeakOptions = {}): LeakCheck {
  const before = openHandles();
  return {
    expectNone: async () => {
      await eventually(
        async () => {
          const left = [...newHandles(before), ...(await sessionsOf(options.databaseUrls ?? []))];
          if (left.length > 0) throw new Error(`left behind: ${left.join(", ")}`);
        },
        { withinMs: options.withinMs ?? withinDefaultMs },
      );
    },
  };
}

/** Runs a test body and fails when it leaves something behind. */
export async function withoutLeaks<Result>(
  body: () => Promise<Result>,
  options: LeakOptions = {},
): Promise<Result> {
  const check = startLeakCheck(options);
  const result = await body();
  await check.expectNone();
  return result;
}

function openHandles(): Map<string, number> {
  const counts = new Map<string, number>();
  for (const kind of process.getActiveResourcesInfo()) {
    if (!passing.has(kind)) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  return counts;
}

function newHandles(before: ReadonlyMap<string, number>): string[] {
  return [...openHandles()].flatMap(([kind, count]) => {
    const added = count - (before.get(kind) ?? 0);
    return added > 0 ? [`${added} ${kind}`] : [];
  });
}

async function sessionsOf(urls: readonly string[]): Promise<string[]> {
  const found = await Promise.all(urls.map(sessionsOn));
  return found.flat();
}

async function sessionsOn(url: string): Promise<string[]> {
  const client = new pg.Client({ connectionString: url, application_name: ownName });
  await client.connect();
  try {
    const { rows } = await client.query(
      `select application_name as name, state, count(*)::int as count from pg_stat_activity
       where datname = current_database() and pid <> pg_backend_pid() and application_name <> $1
       group by 1, 2`,
      [ownName],
    );
    return rows.map(({ name, state, count }) => `${count} session ${name} (${state})`);
  } finally {
    await client.end();
  }
}
