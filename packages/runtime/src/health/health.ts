import { Fault, type Clock } from "@rekey/domain";
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
  /** Of the fault that the check ended with: ours, and what the part itself said. */
  readonly code?: string;
  readonly providerCode?: string;
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
  const note = ({ name, ok, code, providerCode }: CheckReport): void => {
    const before = wasOk.get(name);
    const isStarting = options.clock.monotonicMs() - startedAtMs < startMs;
    if (before === ok || (before === undefined && !ok && isStarting)) return;
    wasOk.set(name, ok);
    if (before === undefined && ok) return;
    if (ok) options.log.info("health check recovered", { checkName: name });
    else options.log.warn("health check failed", { checkName: name, code, providerCode });
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
    async ([name, ask]) => [name, await within(clock, ask, () => undefined)] as const,
  );
  const outcome = await within(clock, async () => ({ ok: await check.check() }), failedWith);
  return {
    name: check.name,
    ...outcome,
    details: Object.fromEntries(await Promise.all(details)),
  };
}

type Outcome = Pick<CheckReport, "ok" | "code" | "providerCode">;

const failedWith = (error: unknown): Outcome => {
  if (!(error instanceof Fault)) return { ok: false };
  const { code, providerCode } = error;
  return { ok: false, code, ...(providerCode !== undefined && { providerCode }) };
};

/** What it answers, or what is said of its failure; undefined is the failure to answer in time. */
async function within<Answer>(
  clock: Clock,
  ask: () => Answer | Promise<Answer>,
  failed: (error: unknown) => Answer,
): Promise<Answer> {
  const answer = (async () => await ask())().catch(failed);
  return await withinLimit(answer, { clock, limitMs, onLate: () => failed(undefined) });
}
