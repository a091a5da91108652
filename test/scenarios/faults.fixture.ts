import type { Issuer, IssuerId, Rotation, RotationId } from "@rekey/domain";
import { operator } from "./acts.fixture.ts";
import type { World } from "./world.fixture.ts";

/** What somebody outside does when a worker comes to a point, before it goes on. */
interface Point {
  readonly point: string;
  /** How many times it happens; after that the point is only passed. */
  readonly times?: number;
  readonly act: () => Promise<void>;
}

/** Plants an act at a failpoint; the answer says how often it happened. */
export const plantAt = (world: World, { point, times = 1, act }: Point): (() => number) => {
  const onward = world.parts.failpoint;
  let happened = 0;
  Object.assign(world.parts, {
    failpoint: async (name: string): Promise<void> => {
      if (name === point && happened < times) {
        happened += 1;
        await act();
      }
      await onward(name);
    },
  });
  return () => happened;
};

/** Puts another issuer in the place of the world's own, or none; the answer puts it back. */
export const replaceIssuer = (world: World, issuer: Issuer | undefined): (() => void) => {
  const issuers = world.parts.issuers as Map<IssuerId, Issuer>;
  const { instance } = world.issuer;
  if (issuer === undefined) issuers.delete(instance);
  else issuers.set(instance, issuer);
  return () => void issuers.set(instance, world.issuer);
};

/** What a person does with a rotation that stopped for them. */
export const resume = async (world: World, rotation: RotationId, cutOff = false): Promise<void> =>
  void (await world.parts.ledger.appendInput({
    target: { kind: "rotation", id: rotation },
    input: { type: "resume", by: operator.id, cutOff },
    actor: operator,
  }));

/** The code a rotation halted with, or failed with last. */
export const faultIn = (rotation: Rotation | undefined): string | undefined =>
  rotation?.state.at === "halted" ? rotation.state.halt.code : rotation?.lastFault;

export interface AuditSeen {
  readonly type: string;
  readonly reason: string;
  readonly version?: number;
  readonly detail: Readonly<Record<string, unknown>>;
}

const decoder = new TextDecoder();

/** Every audit event of a kind that has left, oldest first. */
export const auditOf = (world: World, type: string): readonly AuditSeen[] =>
  world.sent
    .map(
      (record) => JSON.parse(decoder.decode(record.value)) as { type?: string; data?: AuditSeen },
    )
    .flatMap(({ data }) => (data?.type === type ? [data] : []));
