import { apiRoutes } from "@rekey/contracts";
import {
  caseId,
  credentialId,
  rotationId,
  type CaseCommit,
  type Rotation,
  type RotationCommit,
  type Version,
} from "@rekey/domain";
import type { Bench } from "./bench.fixture.ts";

const { cases, credentials } = apiRoutes;
const params = { credential: "payments-db" };

/** The rest of a turn's commit that changes nothing more. */
export const nothingElse = {
  inputsConsumed: [],
  obligations: [],
  audit: [],
  notices: [],
  release: true,
};

/** Asks for a rotation and opens it as the case's holder would; answers both ids. */
export const wished = async (
  bench: Bench,
): Promise<{ readonly id: string; readonly rotation: string }> => {
  await bench.ask(credentials.rotate, { params, body: { reason: "before the audit" } });
  const [found] = (await bench.ask(cases.list)).cases;
  const claim = await bench.ledger.claimCase({ id: caseId(found!.id), worker: "test" });
  if (claim === undefined) throw new Error("the case cannot be claimed");
  const [item] = claim.items;
  const until = claim.now + 60_000;
  const state = { at: "waiting", for: "rotations", until, reason: "wave 1 is running" } as const;
  const commit: CaseCommit = {
    ...nothingElse,
    case: { ...claim.case, state, dueAt: claim.now },
    items: [item!],
    openings: [
      {
        credential: item!.credential,
        cause: { ...claim.case.cause, case: claim.case.id },
        exposed: [],
        wanted: item!.wanted,
        mode: "act",
        approved: false,
      },
    ],
  };
  const recorded = await bench.ledger.recordCase(claim.hold, commit);
  return { id: found!.id, rotation: recorded?.items[0]?.rotation ?? "" };
};

type Change = Omit<Partial<RotationCommit>, "rotation"> & {
  readonly rotation: Partial<Rotation>;
};

/** Puts the rotation into another state, as its holder would. */
export const put = async (
  bench: Bench,
  id: string,
  { rotation: change, ...given }: Change,
): Promise<void> => {
  const claim = await bench.ledger.claimRotation({ id: rotationId(id), worker: "test" });
  if (claim === undefined) throw new Error("the rotation cannot be claimed");
  await bench.ledger.recordRotation(claim.hold, {
    ...nothingElse,
    rotation: { ...claim.rotation, ...change },
    versions: [],
    effects: [],
    watches: [],
    wakeCases: [],
    ...given,
  });
};

/** What a rotation made of payments-db. */
export const firstVersion = (rotation: string): Version => ({
  credential: credentialId("payments-db"),
  number: 1,
  label: "current",
  life: "valid",
  marked: true,
  fingerprints: [],
  staged: true,
  rotation: rotationId(rotation),
});
