import type { caseDetailView } from "@rekey/contracts";
import type { z } from "zod";
import type { LoginAnswer } from "../target/connect.ts";

export type CaseDetail = z.output<typeof caseDetailView>;
export type Probe = "alive" | "dead" | "unknown";

/** One credential of one case, as the table and the data file show it. Times are wall-clock milliseconds. */
export interface CaseRow {
  readonly kind: CaseDetail["case"]["kind"];
  readonly credential: string;
  readonly mode: CaseDetail["case"]["mode"];
  readonly reportedAt: number;
  readonly containedAt?: number;
  readonly provenDeadAt?: number;
  readonly completedAt?: number;
  /** What logins made outside the engine say of the value before and of the one after. */
  readonly oldProbe: Probe;
  readonly newProbe?: Probe;
  readonly consumersMoved: number;
}

/** `dead` only where the server itself refused. */
export const probeOf = ({ answer }: LoginAnswer): Probe => (answer === "refused" ? "dead" : answer);

interface RowOptions {
  readonly detail: CaseDetail;
  readonly credential: string;
  /** The version that had to die; absent where none was named. */
  readonly version: number | undefined;
  readonly oldProbe: Probe;
  readonly newProbe?: Probe;
}

/** What the case says, together with what the logins said. */
export const caseRowOf = (options: RowOptions): CaseRow => {
  const { detail, credential, version, oldProbe, newProbe } = options;
  const dead = detail.versions.find(
    (one) => one.credential === credential && one.number === version,
  );
  const moved = detail.rotations
    .filter((rotation) => rotation.credential === credential)
    .flatMap((rotation) => rotation.moved);
  return {
    kind: detail.case.kind,
    credential,
    mode: detail.case.mode,
    reportedAt: detail.case.occurredAt,
    ...(dead?.containedAt !== undefined && { containedAt: dead.containedAt }),
    ...(dead?.provenDeadAt !== undefined && { provenDeadAt: dead.provenDeadAt }),
    ...(detail.case.closedAt !== undefined && { completedAt: detail.case.closedAt }),
    oldProbe,
    ...(newProbe !== undefined && { newProbe }),
    consumersMoved: new Set(moved).size,
  };
};
