import type { StackContext } from "./context.ts";
import { partFacts, type StackPart } from "./parts.ts";
import { problemOf } from "./probe.ts";
import { tableText } from "./table.ts";

/** One part, asked just now. */
export interface PartReport {
  readonly part: StackPart;
  readonly version: string;
  readonly address: string;
  readonly pid?: number;
  readonly how: "native" | "compose" | "not started";
  readonly sasl: boolean;
  /** Absent when it answered. */
  readonly problem?: string;
}

/** Makes one request to each part. */
export const reportOf = (
  parts: readonly StackPart[],
  context: StackContext,
): Promise<readonly PartReport[]> => Promise.all(parts.map((part) => reportPart(part, context)));

const reportPart = async (part: StackPart, context: StackContext): Promise<PartReport> => {
  const record = context.state.find(part);
  if (record === undefined) {
    const address = partFacts[part].address(context.ports[part]);
    const state = { how: "not started", problem: "not started" } as const;
    return { part, version: "", address, sasl: false, ...state };
  }
  const { version, how, sasl, port } = record;
  const problem = await problemOf(record, context);
  return {
    part,
    version,
    address: partFacts[part].address(port),
    ...(record.process && { pid: record.process.pid }),
    how,
    sasl,
    ...(problem !== undefined && { problem }),
  };
};

export const reportText = (reports: readonly PartReport[]): string =>
  tableText([
    ["part", "version", "address", "pid", "how", "answers"],
    ...reports.map(({ part, version, address, pid, how, sasl, problem }) => [
      sasl ? `${part} (sasl)` : part,
      version,
      address,
      String(pid ?? ""),
      how,
      problem === undefined ? "yes" : `no: ${problem}`,
    ]),
  ]);
