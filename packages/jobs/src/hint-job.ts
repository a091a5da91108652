import type { Hint, WorkKind } from "@rekey/domain";
import { assert, workKinds } from "@rekey/domain";

// BullMQ refuses a colon and a pure integer as job id; uuids and inventory names have neither.
const idPattern = /^[A-Za-z0-9][A-Za-z0-9._#-]{0,127}$/;

/**
 * The same hint is the same job; a new generation is a new one. What is due now has an id of its own: what was
 * due later and was woken must not be taken for the job that still waits for its time.
 */
export function jobIdOf(hint: Hint, delayMs = 0): string {
  assert(idPattern.test(hint.id), "a hint's id has a character that a job id cannot have");
  assert(Number.isSafeInteger(hint.generation), "a hint's generation is not an integer");
  const id = `${hint.kind}-${hint.id}-${hint.generation}`;
  return delayMs > 0 ? `${id}-later` : id;
}

/** The hint inside a job; undefined for what another build or somebody else put there. */
export function hintOf(content: unknown): Hint | undefined {
  if (typeof content !== "object" || content === null) return undefined;
  const { kind, id, generation } = content as Record<string, unknown>;
  if (!workKinds.includes(kind as WorkKind) || typeof id !== "string") return undefined;
  if (!idPattern.test(id) || !Number.isSafeInteger(generation)) return undefined;
  return { kind: kind as WorkKind, id, generation: generation as number };
}
