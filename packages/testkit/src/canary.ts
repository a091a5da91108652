import { randomBytes } from "node:crypto";
import { Secret } from "@rekey/secret";
import { needlesOf, unpacked } from "./canary-encodings.ts";
import { createMatcher } from "./canary-matcher.ts";
import type { CanarySink } from "./canary-sinks.ts";

/** A secret made to be searched for. `value` is the text that a test feeds in. */
export type Canary = { readonly value: string; readonly secret: Secret };

/** One place where a value, or a part long enough to be it, was found. */
export type CanaryHit = {
  readonly canary: Canary;
  readonly sink: string;
  readonly encoding: string;
  readonly offset: number;
};

// Characters that each encoding writes differently, so that none hides behind another.
const hostile = `"\\/+ %&=<ü'`;

/** `plain` has letters and digits only, for systems that refuse anything else. */
export function createCanary(options: { readonly plain?: boolean } = {}): Canary {
  const [head, tail] = [randomBytes(10), randomBytes(10)].map((bytes) => bytes.toString("hex"));
  const value = `cnry${head}${options.plain === true ? "" : hostile}${tail}`;
  return { value, secret: Secret.fromUtf8(value) };
}

/**
 * Searches sinks for the value and for its two random halves: raw, as UTF-16, hex, base64 and
 * base64url at each alignment, URL-, JSON-encoded, and inside what is gzipped or deflated.
 */
export async function findCanary(
  canary: Canary,
  sinks: readonly CanarySink[],
): Promise<CanaryHit[]> {
  return await findCanaries([canary], sinks);
}

/** The same for any number of values: each place is read once. */
export async function findCanaries(
  canaries: readonly Canary[],
  sinks: readonly CanarySink[],
): Promise<CanaryHit[]> {
  const needles = canaries.flatMap((canary) =>
    needlesOf(canary.value).map((needle) => ({ ...needle, canary })),
  );
  const exact = createMatcher(needles.filter(({ anyCase }) => !anyCase));
  const lower = createMatcher(needles.filter(({ anyCase }) => anyCase));
  const hits: CanaryHit[] = [];
  for (const sink of sinks) {
    for await (const { name, bytes } of sink.contents()) {
      const found = unpacked(bytes).flatMap((layer) => [
        ...exact(layer.exact),
        ...lower(layer.lower),
      ]);
      for (const [{ canary, encoding }, offset] of found)
        hits.push({ canary, sink: name, encoding, offset });
    }
  }
  return hits;
}

/** Throws with every place that holds the value. */
export async function expectNoCanary(canary: Canary, sinks: readonly CanarySink[]): Promise<void> {
  const hits = await findCanary(canary, sinks);
  if (hits.length === 0) return;
  const places = hits.map((hit) => `${hit.sink} at ${hit.offset} as ${hit.encoding}`);
  throw new Error(`a secret was found in ${new Set(hits.map((hit) => hit.sink)).size} place(s):
${places.join("\n")}`);
}
