import type { Clock } from "@rekey/domain";
import { withinLimit } from "../clock/within.ts";
import type { Log } from "../logger/log.ts";

/** `live`: without it a restart helps. `ready`: work can be done now, with what it depends on. */
export type HealthKind = "live" | "ready";

export type HealthDetail = string | number | boolean | undefined;

export type HealthCheck = {
  readonly name: string;
  readonly kind: HealthKind;
  /** Throws or answers false when it is not well. */
  readonly check: () => boolean | Promise<boolean>;
  /** Figures for people: last poll, lag, due backlog, oldest debt. They decide nothing. */
  readonly details?: Readonly<Record<string, () => HealthDetail | Promise<HealthDetail>>>;
};

export type CheckReport = {
  readonly name: string;
  readonly ok: boolean;
  readonly details: Readonly<Record<string, HealthDetail>>;
};

export type HealthReport = { readonly ok: boolean; readonly checks: readonly CheckReport[] };

export type Health = {
  add(check: HealthCheck): void;
  /** Every check of the kind, at the same time, each within a second. */
  report(kind: HealthKind): Promise<HealthReport>;
};

const limitMs = 1_000;
/** A check that was never well is no news for so long: the process has just started. */
const startMs = 60_000;

export function createHealth(options: { readonly clock: Clock; readonly log: Log }): Health {
  const startedAtMs = options.clock.monotonicMs();
  const checks = new Map<string, HealthCheck>();
  const wasOk = new Map<string, boolean>();
  // Only a change is logged: a probe comes every few seconds, the first of them while the process starts.
  const note = ({ name, ok }: CheckReport): void => {
    const before = wasOk.get(name);
    const isStarting = options.clock.monotonicMs() - startedAtMs < startMs;
    if (before === ok || (before === undefined && !ok && isStarting)) return;
    wasOk.set(name, ok);
    if (before === undefined && ok) return;
    if (ok) options.log.info("health check recovered", { checkName: name });
    else options.log.warn("health check failed", { checkName: name });
  };
  return {
    add: (check) => {
      if (checks.has(check.name)) throw new TypeError(`two health checks named ${check.name}`);
      checks.set(check.name, check);
    },
    report: async (kind) => {
      const asked = [...checks.values()].filter((check) => check.kind === kind);
      const reports = await Promise.all(asked.map((check) => examine(check, options.clock)));
      reports.forEach(note);
      return { ok: reports.every(({ ok }) => ok), checks: reports };
    },
  };
}

async function examine(check: HealthCheck, clock: Clock): Promise<CheckReport> {
  const details = Object.entries(check.details ?? {}).map(
    async ([name, ask]) => [name, await within(clock, async () => ask(), undefined)] as const,
  );
  const ok = await within(clock, async () => check.check(), false);
  return { name: check.name, ok, details: Object.fromEntries(await Promise.all(details)) };
}

async function within<Answer>(
  clock: Clock,
  ask: () => Promise<Answer>,
  otherwise: Answer,
): Promise<Answer> {
  const answer = ask().catch(() => otherwise);
  return await withinLimit(answer, { clock, limitMs, onLate: () => otherwise });
}
