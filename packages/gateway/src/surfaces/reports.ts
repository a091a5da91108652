import { apiRoutes } from "@rekey/contracts";
import {
  counted,
  credentialId,
  isRefusal,
  refuse,
  type Problem,
  type Refusal,
} from "@rekey/domain";
import type { GatewayParts } from "../options.ts";
import { isFuture } from "../reports/draft-signal.ts";
import { exposureSignal, repeatedValue } from "../reports/exposure.ts";
import { deploymentSignal, offboardingSignal } from "../reports/lifecycle.ts";
import { publishSignals } from "../reports/publish.ts";
import { normaliseScan } from "../reports/scan.ts";
import { bodyDigest, reject } from "../server/record-rejected.ts";
import { invalid } from "../server/refused.ts";
import type { Serve } from "../server/serve.ts";
import type { Surface } from "./surface.ts";

const routes = apiRoutes.reports;
const recorded = { recordsRejected: true } as const;

/** What people and tools report: it becomes canonical signals on `rekey.in.api`, or is refused and recorded. */
export const reportsSurface: Surface = (serve, parts) => {
  serve(
    routes.exposure,
    async ({ body, actor }) => {
      const named = body.found.by === "credential" ? body.found.credential : undefined;
      const refusal = repeatedValue(body) ?? (await refusedReport(parts, named, body.occurredAt));
      return refusal ?? (await publishSignals(parts, [exposureSignal(parts, body, actor)]));
    },
    recorded,
  );
  serve(
    routes.offboarding,
    async ({ body, actor }) => await publishSignals(parts, [offboardingSignal(parts, body, actor)]),
    recorded,
  );
  serve(
    routes.deployment,
    async ({ body, actor }) => {
      const refusal = await refusedReport(parts, body.credential, body.occurredAt);
      return refusal ?? (await publishSignals(parts, [deploymentSignal(parts, body, actor)]));
    },
    recorded,
  );
  serveScan(serve, parts);
};

/** What can be told at once is told at once; everything else is decided by intake. */
const refusedReport = async (
  { ledger, clock }: GatewayParts,
  credential: string | undefined,
  occurredAt: number | undefined,
): Promise<Refusal | undefined> => {
  if (isFuture(occurredAt, clock.now()))
    return invalid("the time is impossible", [
      { path: "occurredAt", reason: "lies in the future" },
    ]);
  if (credential === undefined) return undefined;
  const known = await ledger.credential(credentialId(credential));
  return known === undefined
    ? refuse("NOT_FOUND", `there is no credential ${credential}`)
    : undefined;
};

const serveScan = (serve: Serve, parts: GatewayParts): void =>
  serve(
    routes.scan,
    async ({ body, actor, requestId, bytes }) => {
      const normalised = normaliseScan(parts, body, actor);
      if (isRefusal(normalised)) return normalised;
      const { signals, refused } = normalised;
      const reply = await publishSignals(parts, signals, refused);
      if (reply.refused.length > 0)
        await rejectElements(parts, { requestId, bytes, problems: reply.refused });
      return reply;
    },
    recorded,
  );

interface Elements {
  readonly requestId: string;
  readonly bytes: Uint8Array;
  readonly problems: readonly Problem[];
}

/** Problems kept with one rejected report; all are counted in its reason. */
const problemsKept = 100;

const rejectElements = async (
  parts: GatewayParts,
  { requestId, bytes, problems }: Elements,
): Promise<void> =>
  await reject(parts, {
    coordinates: `${routes.scan.path}/${requestId}`,
    digest: bodyDigest(parts, bytes),
    reason: `${counted(problems.length, "finding")} of the report cannot be used`,
    problems: problems.slice(0, problemsKept),
  });
