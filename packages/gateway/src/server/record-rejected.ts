import { signalId, type Problem, type Refusal } from "@rekey/domain";
import { keyedDigest } from "@rekey/producers";
import type { FastifyRequest } from "fastify";
import type { GatewayParts } from "../options.ts";
import type { ReceivedBody } from "./body.ts";

/** The source under which refused reports of the API are listed. */
export const apiSource = "api";

interface Rejected {
  readonly coordinates: string;
  readonly digest: string;
  readonly reason: string;
  readonly problems: readonly Problem[];
}

/** Puts what was refused where `case list --refused` shows it, with an audit event; never the body itself. */
export const reject = async (parts: GatewayParts, rejected: Rejected): Promise<void> => {
  await parts.ledger.rejectInputs([
    { ...rejected, id: signalId(parts.newId()), source: apiSource, outcome: "refused" },
  ]);
};

/** A whole report that was refused. */
export const recordRejected = async (
  parts: GatewayParts,
  request: FastifyRequest,
  { reason, problems = [] }: Refusal,
): Promise<void> => {
  const bytes = (request.body as ReceivedBody | undefined)?.bytes ?? new Uint8Array();
  await reject(parts, {
    coordinates: `${request.routeOptions.url}/${request.id}`,
    digest: bodyDigest(parts, bytes),
    reason,
    problems,
  });
};

/** Names a body without telling what is in it. */
export const bodyDigest = (
  { fingerprint }: Pick<GatewayParts, "fingerprint">,
  bytes: Uint8Array,
): string => keyedDigest(bytes, fingerprint);
