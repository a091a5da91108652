import { readyUrlOf } from "./plan.ts";

const askMaxMs = 3_000;

interface Report {
  readonly ok: boolean;
  readonly checks: readonly { readonly name: string; readonly ok: boolean }[];
}

/** Asks /ready. Undefined when the process says that it can work, else why not. */
export const problemOf = async (port: number): Promise<string | undefined> => {
  try {
    const response = await fetch(readyUrlOf(port), { signal: AbortSignal.timeout(askMaxMs) });
    const { ok, checks } = (await response.json()) as Report;
    if (ok && response.ok) return undefined;
    return checks.flatMap((check) => (check.ok ? [] : [`${check.name} is not well`])).join(", ");
  } catch {
    return "does not answer";
  }
};
