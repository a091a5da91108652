import {
  auditEventId,
  type AuditDraft,
  type CaseClaim,
  type CaseCommit,
  type CaseId,
  type CredentialId,
  type Ledger,
  type RotationClaim,
  type RotationCommit,
  type RotationId,
  type RotationOpening,
  type Version,
} from "@rekey/domain";
import { newId } from "@rekey/runtime";
import { fingerprintOf, asked, admitOne } from "./signals.suite.ts";
import type { LedgerWorld } from "./world.suite.ts";

export const must = <Value>(value: Value | undefined): Value => {
  if (value === undefined) throw new Error("nothing where something must be");
  return value;
};

/** A turn's commit that changes nothing but what is given. */
export const commitOf = (
  claim: Pick<RotationClaim, "rotation">,
  given: Partial<RotationCommit> = {},
): RotationCommit => ({
  rotation: claim.rotation,
  versions: [],
  inputsConsumed: [],
  effects: [],
  obligations: [],
  watches: [],
  audit: [],
  notices: [],
  wakeCases: [],
  release: true,
  ...given,
});

export const caseCommitOf = (
  claim: Pick<CaseClaim, "case">,
  given: Partial<CaseCommit> = {},
): CaseCommit => ({
  case: claim.case,
  items: [],
  openings: [],
  inputsConsumed: [],
  obligations: [],
  audit: [],
  notices: [],
  release: true,
  ...given,
});

export const auditOf = (given: Partial<AuditDraft> = {}): AuditDraft => ({
  id: auditEventId(newId()),
  type: "rotation.proceeded",
  actor: { id: "rekey", authenticated: "internal" },
  reason: "a test",
  detail: {},
  ...given,
});

export const versionOf = (
  rotation: { readonly id: RotationId; readonly credential: CredentialId },
  given: Partial<Version> = {},
): Version => ({
  credential: rotation.credential,
  number: 1,
  label: "current",
  life: "valid",
  rotation: rotation.id,
  principal: `${rotation.credential}_1`,
  marked: true,
  fingerprints: [fingerprintOf(`${rotation.credential}#${given.number ?? 1}`)],
  staged: true,
  ...given,
});

/** Opens the rotation that a person asked for: through its case, as the engine does. */
export const openRotation = async (
  world: LedgerWorld,
  credential: string,
  given: Partial<RotationOpening> = {},
): Promise<RotationId> => {
  const admitted = await admitOne(world, asked(credential));
  return await openIn(world, must(admitted.case), given);
};

export const openIn = async (
  { ledger }: LedgerWorld,
  id: CaseId,
  given: Partial<RotationOpening> = {},
): Promise<RotationId> => {
  const claim = must(await ledger.claimCase({ id, worker: "w" }));
  const item = must(claim.items[0]);
  const opening: RotationOpening = {
    credential: item.credential,
    cause: { ...claim.case.cause, case: id },
    exposed: item.version === undefined ? [] : [item.version],
    wanted: item.wanted,
    mode: "act",
    approved: false,
    ...given,
  };
  const dueAt = claim.now + 3_600_000;
  const waiting = { at: "waiting", for: "person", until: dueAt, reason: "its rotations" } as const;
  const commit = caseCommitOf(
    { case: { ...claim.case, state: waiting, dueAt } },
    { items: [item], openings: [opening] },
  );
  const recorded = must(await ledger.recordCase(claim.hold, commit));
  return must(must(recorded.items[0]).rotation);
};

export const claimed = async (
  ledger: Ledger,
  id: RotationId,
  worker = "w",
): Promise<RotationClaim> => must(await ledger.claimRotation({ id, worker }));

/** Ends a rotation, with the versions as given. */
export const finish = async (
  { ledger }: LedgerWorld,
  id: RotationId,
  versions: (claim: RotationClaim) => readonly Version[],
): Promise<void> => {
  const claim = await claimed(ledger, id);
  const rotation = { ...claim.rotation, state: { at: "completed" } as const, endedAt: claim.now };
  const inputsConsumed = claim.inputs.map(({ seq }) => seq);
  const commit = commitOf({ rotation }, { versions: versions(claim), inputsConsumed });
  must(await ledger.recordRotation(claim.hold, commit));
};

/** A credential with a first version that is current, minted the way every version is. */
export const withVersion = async (
  world: LedgerWorld,
  credential: string,
  given: Partial<Version> = {},
): Promise<void> => {
  const id = await openRotation(world, credential);
  await finish(world, id, ({ rotation, now }) => [
    versionOf(rotation, { mintedAt: now, promotedAt: now, ...given }),
  ]);
};
