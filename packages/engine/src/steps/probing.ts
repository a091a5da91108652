import { probeRepeats, type Material, type ProbeRecord, type Version } from "@rekey/domain";
import { callFor, type StepContext } from "./step.ts";

interface Tried {
  readonly material: Material;
  readonly version: Pick<Version, "credential" | "number">;
  readonly role: ProbeRecord["role"];
}

/** One try at one vantage, as evidence. */
const probeOnce = async (
  context: StepContext,
  tried: Tried,
  vantage: string,
): Promise<ProbeRecord> => {
  const reply = await context.issuer.probe(tried.material, vantage, callFor(context));
  return {
    ...reply,
    at: context.seenAt(),
    role: tried.role,
    of: { credential: tried.version.credential, version: tried.version.number },
  };
};

/** One try at every configured endpoint. */
export const probeEverywhere = async (
  context: StepContext,
  tried: Tried,
): Promise<readonly ProbeRecord[]> =>
  await context.turn.parts.parallel(
    context.issuer.vantages.map((vantage) => async () => await probeOnce(context, tried, vantage)),
  );

/** Rounds of tries, K of them, spread over the provider's propagation window; answers the records and the span they cover. */
export const probeRounds = async (
  context: StepContext,
  round: () => Promise<readonly ProbeRecord[]>,
): Promise<{ readonly probes: readonly ProbeRecord[]; readonly spanMs: number }> => {
  const { clock } = context.turn.parts;
  const { propagationMs } = context.issuer.capabilities;
  const repeats = probeRepeats(propagationMs);
  const startedAt = clock.monotonicMs();
  const probes: ProbeRecord[] = [];
  for (let repeat = 0; repeat < repeats; repeat += 1) {
    const dueInMs =
      startedAt + (propagationMs * repeat) / Math.max(1, repeats - 1) - clock.monotonicMs();
    if (dueInMs > 0) await clock.sleep(dueInMs, context.turn.kept.signal);
    probes.push(...(await round()));
    if (probes.some((probe) => probe.role === "subject" && probe.answer === "alive")) break;
  }
  return { probes, spanMs: clock.monotonicMs() - startedAt };
};
