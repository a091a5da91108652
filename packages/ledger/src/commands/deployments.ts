import { isTerminal, type IntakeDecision } from "@rekey/domain";
import type { Draft } from "../rows/draft.ts";
import { leaveInput } from "./inputs.ts";

/** Consumers of a service were deployed: rotations of what they use look at their drains again. */
export const noteDeployment = (
  draft: Draft,
  deployed: NonNullable<IntakeDecision["deployed"]>,
): void => {
  const { service, environment, at } = deployed;
  const known = draft.get("deployments", `${service}@${environment}`);
  const deployedAt = Math.max(at, known?.deployedAt ?? 0);
  draft.put("deployments", { service, environment, deployedAt });
  const consumers = draft
    .rows("consumers")
    .filter((row) => row.service === service && row.environment === environment)
    .map((row) => row.id);
  const used = new Set(
    draft
      .rows("credentials")
      .filter((row) => row.consumers.some((id) => consumers.includes(id)))
      .map((row) => row.id),
  );
  const reason = `${service} was deployed in ${environment}`;
  for (const rotation of draft.rows("rotations")) {
    if (isTerminal(rotation) || !used.has(rotation.credential)) continue;
    leaveInput(draft, { kind: "rotation", id: rotation.id }, { input: { type: "woken", reason } });
  }
};
