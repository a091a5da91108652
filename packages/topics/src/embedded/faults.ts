import { Assertion, Fault } from "@rekey/domain";
import { classify } from "@rekey/runtime";
import { topicRefused } from "../refusals.ts";

const undefinedTable = "42P01";
const undefinedSchema = "3F000";

/** What the port throws: an unreachable log (unknown outcome when the commit may have happened). */
export function asTopicsFault(error: unknown): Fault | Assertion {
  if (error instanceof Fault || error instanceof Assertion) return error;
  const failure = classify(error, "alone");
  if (failure?.sqlState === undefinedTable || failure?.sqlState === undefinedSchema) {
    return topicRefused("NOT_MIGRATED");
  }
  return new Fault("TOPICS_UNREACHABLE", {
    providerCode: failure?.sqlState ?? failure?.code ?? "UNEXPECTED",
    unknownOutcome: failure?.unknownOutcome ?? true,
    cause: failure ?? error,
  });
}
