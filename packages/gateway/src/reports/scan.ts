import { refuse, type Actor, type Problem, type Refusal } from "@rekey/domain";
import { isProducerFormat, producerCatalog, type Normalised } from "@rekey/producers";
import type { GatewayParts } from "../options.ts";
import { invalid } from "../server/refused.ts";

interface Scan {
  readonly format: string;
  readonly body: string;
}

/** One signal per finding of a scanner's report; a refusal where nothing of it could be read. */
export const normaliseScan = (
  { clock, fingerprint }: GatewayParts,
  { format, body }: Scan,
  actor: Actor,
): Normalised | Refusal => {
  if (!isProducerFormat(format)) return unknownFormat();
  const producer = producerCatalog[format];
  const bytes = new TextEncoder().encode(body);
  if (bytes.byteLength > producer.bodyBytesMax)
    return refuse(
      "TOO_LARGE",
      `the report is larger than ${producer.bodyBytesMax} bytes: split it`,
    );
  const normalised = producer.normalise(bytes, {
    receivedAt: clock.now(),
    source: { system: format, feed: actor.id },
    fingerprint,
  });
  bytes.fill(0);
  const nothing = normalised.signals.length === 0 && normalised.refused.length > 0;
  return nothing ? unreadable(normalised.refused) : normalised;
};

const unknownFormat = (): Refusal =>
  invalid("the format is not known", [
    { path: "format", reason: `must be one of ${Object.keys(producerCatalog).join(", ")}` },
  ]);

const unreadable = (problems: readonly Problem[]): Refusal =>
  invalid(
    "nothing of the report can be used",
    problems.map(({ path, reason }) => ({
      path: path === "" ? "body" : `body${root(path)}`,
      reason,
    })),
  );

const root = (path: string): string => (path.startsWith("[") ? path : `.${path}`);
