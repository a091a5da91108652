import { consumerRoutes } from "@rekey/contracts";
import type { AcknowledgementSink } from "../ports.ts";
import { gatewayCalls, type GatewayAccess } from "./gateway-call.ts";

const deadlineMs = 10_000;

/** Signed statements to the gateway. */
export const gatewayAcknowledgements = (access: GatewayAccess): AcknowledgementSink => {
  const call = gatewayCalls(access);
  const post = async (path: string, jws: string, signal: AbortSignal): Promise<void> => {
    await call({ method: "POST", path, body: { jws }, deadlineMs, signal });
  };
  return {
    moved: (jws, signal) => post(consumerRoutes.acknowledge.path, jws, signal),
    alive: (jws, signal) => post(consumerRoutes.heartbeat.path, jws, signal),
  };
};
