import { tableText } from "@rekey/stack";
import { serviceKinds, type ServiceKind } from "../kinds.ts";
import { readyUrlOf } from "../processes/plan.ts";
import { problemOf } from "../processes/readiness.ts";
import { isRunning, readState, type ServiceRecord } from "../processes/state.ts";

/** One service, asked just now. */
export interface ServiceReport {
  readonly kind: ServiceKind;
  readonly replica: number;
  /** Absent when it does not run. */
  readonly pid?: number;
  readonly readyUrl?: string;
  /** Absent when it can work. */
  readonly problem?: string;
}

/** Asks /ready of each service that `up` started; a kind without any is told too. */
export const reportOf = async (folder: string): Promise<readonly ServiceReport[]> => {
  const { services } = await readState(folder);
  const reports = serviceKinds.map(async (kind) => {
    const records = services.filter((one) => one.kind === kind);
    if (records.length === 0) return [{ kind, replica: 1, problem: "was not started" }];
    return await Promise.all(records.toSorted((a, b) => a.replica - b.replica).map(reportOne));
  });
  return (await Promise.all(reports)).flat();
};

const reportOne = async (record: ServiceRecord): Promise<ServiceReport> => {
  const { kind, replica, port, pid } = record;
  const readyUrl = readyUrlOf(port);
  if (!(await isRunning(record))) return { kind, replica, readyUrl, problem: "has ended" };
  const problem = await problemOf(port);
  return { kind, replica, pid, readyUrl, ...(problem !== undefined && { problem }) };
};

export const reportText = (reports: readonly ServiceReport[]): string =>
  tableText([
    ["kind", "replica", "pid", "health", "ready"],
    ...reports.map(({ kind, replica, pid, readyUrl, problem }) => [
      kind,
      String(replica),
      String(pid ?? ""),
      readyUrl ?? "",
      problem === undefined ? "yes" : `no: ${problem}`,
    ]),
  ]);
