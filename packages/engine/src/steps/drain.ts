import {
  Fault,
  instanceSeenForMs,
  severityOf,
  type ConsumerView,
  type InstanceSighting,
  type Instant,
} from "@rekey/domain";
import { apply, audit, type Turn } from "../rotation/turn.ts";
import { waitsUntil } from "./long-wait.ts";
import { done, type Step } from "./step.ts";

interface DrainQuestion {
  readonly version: number;
  readonly announcedAt: Instant;
  readonly now: Instant;
  /** The step's key says `old<new`: readers were sent back to an older version. */
  readonly goingBack: boolean;
}

/**
 * Moved: every instance seen lately acknowledged this version or a later one, or the workload was deployed
 * since. On the way back to an older version only that very version counts, acknowledged since the announcement.
 */
export const hasMoved = (view: ConsumerView, question: DrainQuestion): boolean => {
  if (view.deployedAt !== undefined && view.deployedAt >= question.announcedAt) return true;
  const seen = view.instances.filter(
    (instance) => question.now - instance.lastSeenAt <= instanceSeenForMs,
  );
  return seen.length > 0 && seen.every((instance) => instance.counted && uses(instance, question));
};

const uses = (instance: InstanceSighting, question: DrainQuestion): boolean => {
  const { version = 0, acknowledgedAt = 0 } = instance;
  return question.goingBack
    ? version === question.version && acknowledgedAt >= question.announcedAt
    : version >= question.version;
};

/**
 * Waits until consumers have moved, at most grace, or until a person cuts off the rest. Quiet alone proves
 * nothing.
 */
export const drain: Step = async ({ turn, step }) => {
  const announcedAt = turn.rotation.announcedAt ?? turn.now;
  const question = {
    version: step.version ?? 0,
    announcedAt,
    now: turn.now,
    goingBack: step.key.includes("<"),
  };
  const moved = turn.claim.consumers
    .filter((view) => hasMoved(view, question))
    .map((view) => view.consumer.id);
  const unmoved = turn.claim.consumers
    .filter((view) => !hasMoved(view, question))
    .map((view) => view.consumer.id);
  const graceEndsAt = turn.rotation.graceEndsAt ?? announcedAt + turn.claim.policy.graceMs;
  const until = waitsUntil(turn, { key: step.key, since: announcedAt, until: graceEndsAt });
  if (unmoved.length > 0 && until !== undefined && !turn.rotation.cutOff) {
    return await Promise.resolve({
      end: "wait",
      for: "consumers",
      until,
      reason: `not moved yet: ${unmoved.join(", ")}`,
    });
  }
  if (unmoved.length > 0) endGrace(turn, unmoved);
  apply(
    turn,
    { type: "drained", moved, unmoved },
    drainedBecause(unmoved.length === 0, turn.rotation.cutOff),
  );
  for (const consumer of moved)
    audit(turn, "consumer.moved", {
      reason: "moved to the new version",
      version: question.version,
      detail: { consumer },
    });
  return done(`${moved.length} moved, ${unmoved.length} cut off`, { moved, unmoved });
};

const drainedBecause = (allMoved: boolean, cutOff: boolean): string => {
  if (allMoved) return "every consumer has moved";
  return cutOff ? "a person cut off the rest" : "grace is over: the rest is cut off";
};

/** A planned rotation halts rather than lock anybody out; an incident goes on and says who was cut off. */
const endGrace = (turn: Turn, unmoved: readonly string[]): void => {
  const { graceOver } = turn.claim.policy;
  const ending = severityOf(turn.rotation) === "planned" ? graceOver.planned : graceOver.incident;
  if (ending === "halt" && !turn.rotation.cutOff)
    throw new Fault("GRACE_OVER", { providerCode: unmoved.join(",") });
};
