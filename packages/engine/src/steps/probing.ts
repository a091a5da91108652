import { probeRepeats, type PreparedProbe, type ProbeRecord, type Version } from "@rekey/domain";
import { controlTries, positiveControl, type Tried } from "../controls.ts";
import { noProbes, type PreparedProbes } from "./prepared-probes.ts";
import { callFor, materialOf, type StepContext } from "./step.ts";

/** What is let in where a dead version is refused, and a bogus login made from it. Throws NO_CONTROL. */
export const controlsFor = async (
  context: StepContext,
  version: Version,
): Promise<readonly Tried[]> => {
  const { parts, claim, versions, rotation } = context.turn;
  const control = await positiveControl({
    stores: parts.stores,
    versions: [...versions.values()],
    dying: [...rotation.dying, version.number],
    own: async (current) => await materialOf(context, current),
    control: claim.control,
    call: () => callFor(context),
  });
  return controlTries(context.issuer, control);
};

/** Where a login is tried, and the try of it that has begun there. */
interface Place {
  readonly vantage: string;
  readonly begun?: PreparedProbe | undefined;
}

/** One try at one vantage, as evidence. */
const probeOnce = async (
  context: StepContext,
  tried: Tried,
  { vantage, begun }: Place,
): Promise<ProbeRecord> => {
  const call = callFor(context);
  const reply = await (begun?.finish(call) ?? context.issuer.probe(tried.material, vantage, call));
  return {
    ...reply,
    at: context.seenAt(),
    role: tried.role,
    of: { credential: tried.version.credential, version: tried.version.number },
  };
};

/** One try at every configured endpoint; those that have begun come to their end. */
export const probeEverywhere = async (
  context: StepContext,
  tried: Tried,
  { at }: PreparedProbes = noProbes,
): Promise<readonly ProbeRecord[]> =>
  await context.turn.parts.parallel(
    context.issuer.vantages.map((vantage) => async () => {
      return await probeOnce(context, tried, { vantage, begun: at.get(vantage) });
    }),
  );

/**
 * One try of each at every endpoint, in order. Where a refused login counts towards a lock of its name, the endpoints
 * take turns: what is let in then ends every series of refusals before the next endpoint begins another.
 */
export const probeEach = async (
  context: StepContext,
  tries: readonly Tried[],
): Promise<readonly ProbeRecord[]> => {
  const { capabilities, vantages } = context.issuer;
  const probes: ProbeRecord[] = [];
  if (!capabilities.probeCountsAsFailedLogin) {
    for (const tried of tries) probes.push(...(await probeEverywhere(context, tried)));
    return probes;
  }
  for (const vantage of vantages)
    for (const tried of tries) probes.push(await probeOnce(context, tried, { vantage }));
  return probes;
};

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
