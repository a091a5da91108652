import type { AuditDraft, Instant, Ledger, RotationCommit, Version } from "@rekey/domain";
import type { ProcessFigures, TellTime } from "../operations/process-figures.ts";

/** The same ledger; what this process commits by it is counted and timed, by the ledger's clock. */
export const measuredLedger = (ledger: Ledger, figures: ProcessFigures): Ledger => ({
  ...ledger,
  admit: async (request) => {
    const admitted = await ledger.admit(request);
    for (const [index, { signal, outcome }] of admitted.entries())
      // One that came before is answered with the id that it got then.
      if (signal === request.signals[index]?.id) figures.signal(outcome);
    return admitted;
  },
  rejectInputs: async (inputs) => {
    await ledger.rejectInputs(inputs);
    for (const { outcome } of inputs) figures.signal(outcome);
  },
  recordRotation: async (hold, commit) => {
    const recorded = await ledger.recordRotation(hold, commit);
    if (recorded !== undefined)
      for (const event of commit.audit) measureEvent(event, { commit, figures });
    return recorded;
  },
});

interface Measuring {
  readonly commit: RotationCommit;
  readonly figures: ProcessFigures;
}

const measureEvent = (event: AuditDraft, { commit, figures }: Measuring): void => {
  if (event.type === "breaker.held") return figures.breakerHeld();
  const version = commit.versions.find(({ number }) => number === event.version);
  if (version === undefined) return;
  const since = sinceOf(version, commit);
  if (event.type === "version.contained") since(version.containedAt, figures.contained);
  if (event.type !== "version.proven-dead") return;
  // What could not be tried when it was stopped is contained by its proof.
  if (version.containedAt === version.provenDeadAt) since(version.containedAt, figures.contained);
  since(version.provenDeadAt, figures.provenDead);
};

const sinceOf =
  ({ exposedAt }: Version, { rotation }: RotationCommit) =>
  (at: Instant | undefined, tell: TellTime): void => {
    if (at === undefined) return;
    const from = exposedAt ?? rotation.startedAt;
    tell(Math.max(0, at - from) / 1_000, { exposed: exposedAt !== undefined });
  };
