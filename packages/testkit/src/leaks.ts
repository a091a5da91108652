import { AsyncLocalStorage, createHook } from "node:async_hooks";
import pg from "pg";
import { eventually } from "./eventually.ts";

export type LeakCheck = {
  /** Waits for what is closing, 20 s or so long as is said, then fails and names what was left behind. */
  expectNone(options?: { readonly withinMs?: number }): Promise<void>;
};

export type LeakOptions = {
  /** Connections to these databases count too, with every lock they hold. */
  readonly databaseUrls?: readonly string[];
};

type Handle = { readonly kind: string; readonly resource: { hasRef?: () => boolean } };

const ownName = "rekey-testkit-leaks";

// What can keep a process alive. Requests and promises end by themselves.
const kinds =
  /^(Timeout|TCPWRAP|TCPSERVERWRAP|PIPEWRAP|PIPESERVERWRAP|UDPWRAP|PROCESSWRAP|FSEVENTWRAP|STATWATCHER|WORKER)$/;

/**
 * From here on everything that this test opens and that keeps the process alive, or a session, is
 * a leak. Call it in the test itself: what others open at the same time, the test runner first,
 * does not count, as only this asynchronous context is followed.
 */
export function startLeakCheck(options: LeakOptions = {}): LeakCheck {
  const { context, check } = prepare(options);
  context.enterWith("followed");
  return check;
}

/** Runs a test body and fails when it leaves something behind. */
export async function withoutLeaks<Result>(
  body: () => Promise<Result>,
  options: LeakOptions = {},
): Promise<Result> {
  const { context, check } = prepare(options);
  const result = await context.run("followed", body);
  await check.expectNone();
  return result;
}

function prepare(options: LeakOptions): {
  context: AsyncLocalStorage<string>;
  check: LeakCheck;
} {
  const context = new AsyncLocalStorage<string>();
  const open = new Map<number, Handle>();
  const hook = createHook({
    init: (id, kind, ...[, resource]) => {
      if (kinds.test(kind) && context.getStore() !== undefined) open.set(id, { kind, resource });
    },
    destroy: (id) => void open.delete(id),
  }).enable();
  const examine = async (): Promise<void> => {
    const left = [...named(open), ...(await sessionsOf(options.databaseUrls ?? []))];
    if (left.length > 0) throw new Error(`left behind: ${left.join(", ")}`);
  };
  const expectNone: LeakCheck["expectNone"] = async (waiting) => {
    // Outside the context: what the examination itself opens is not followed.
    await context.exit(() => eventually(examine, waiting));
    hook.disable();
  };
  return { context, check: { expectNone } };
}

function named(open: ReadonlyMap<number, Handle>): string[] {
  const counts = new Map<string, number>();
  for (const { kind, resource } of open.values()) {
    if (resource.hasRef?.() !== false) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  return [...counts].map(([kind, count]) => `${count} ${kind}`);
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
