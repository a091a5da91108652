const time = "2026-03-02T09:15:04.120Z";
const rotationId = "0197a3c2-6f1e-7a52-9c1d-3a5f6b7c8d9e";
const caseId = "0197a3c2-7b00-7c11-8a21-0c1d2e3f4a5b";

/** One consistent story for the API's examples: version 3 of payments-db leaked and is being replaced. */
export const rotationExample = {
  id: rotationId,
  credential: "payments-db",
  number: 4,
  state: { at: "running" as const },
  mode: "act" as const,
  approved: true,
  wanted: "successor" as const,
  causes: [{ kind: "exposure" as const, case: caseId, at: time, version: 3, public: true }],
  dying: [3],
  successor: 4,
  planVersion: 1,
  plan: [
    { key: "stage#4", kind: "stage" as const, version: 4, why: "the value is safe in the store" },
  ],
  done: ["contain#3"],
  failures: 0,
  dueAt: time,
  startedAt: time,
  moved: [],
  unmoved: [],
  undoing: false,
};

const versionExample = {
  credential: "payments-db",
  number: 3,
  label: "current" as const,
  life: "suspended" as const,
  rotation: "0197a3c2-0000-7a52-9c1d-3a5f6b7c8d9e",
  principal: "payments_v3",
  staged: true,
  exposedAt: time,
  containedAt: time,
};

export const obligationExample = {
  id: "0197a3c2-8c00-7c11-8a21-0c1d2e3f4a5b",
  case: caseId,
  credential: "payments-db",
  version: 3,
  owner: "payments",
  openedAt: time,
  dueAt: time,
  attempts: 1,
};

export const caseExample = {
  id: caseId,
  kind: "incident" as const,
  about: "payments-db#3",
  episode: 1,
  step: "wave" as const,
  state: { at: "running" as const },
  mode: "act" as const,
  cause: { kind: "exposure" as const, at: time, version: 3, public: true },
  producer: "scanner",
  approvedBy: [],
  signals: 2,
  wave: 1,
  failures: 0,
  dueAt: time,
  openedAt: time,
  occurredAt: time,
};

export const caseDetailExample = {
  case: caseExample,
  items: [
    {
      credential: "payments-db",
      version: 3,
      wanted: "successor" as const,
      wave: 1,
      rotation: rotationId,
    },
  ],
  rotations: [rotationExample],
  versions: [versionExample],
  obligations: [obligationExample],
};

export const auditEventExample = {
  id: "0197a3c2-9d00-7c11-8a21-0c1d2e3f4a5b",
  type: "version.contained" as const,
  actor: { id: "rekey", authenticated: "internal" as const },
  reason: "exposed: stop its use now",
  credential: "payments-db",
  version: 3,
  case: caseId,
  rotation: rotationId,
  detail: { vantage: "primary", code: "28000" },
  at: time,
  build: "0.0.0",
  digest: "5f".repeat(32),
  position: 17,
};

export const credentialExample = {
  credential: {
    id: "payments-db",
    identity: "payments",
    owner: "payments",
    purpose: "reads and writes the ledger of payments",
    environment: "production",
    criticality: "normal" as const,
    issuer: { instance: "warehouse", settings: { group: "payments" } },
    store: { store: "sealed", document: "payments", fields: { DATABASE_PASSWORD: "{secret}" } },
    consumers: ["payments-api"],
    policy: "standard",
    exclusive: false,
    protected: false,
    control: false,
    declared: true,
    ended: false,
  },
  policy: {
    name: "standard",
    graceMs: 900_000,
    graceOver: { planned: "halt" as const, incident: "retire" as const },
    reversibleForMs: 86_400_000,
    noticeMs: 0,
    allowListedProof: false,
    allowOutage: false,
  },
  versions: [versionExample],
  active: rotationExample,
  consumers: [],
};
