import { instant, plain, type PlainSpecs } from "./table-spec.ts";

type Table =
  | "versions"
  | "effects"
  | "watches"
  | "inputs"
  | "caseItems"
  | "obligations"
  | "signals";

/** What the sagas write beside their own rows, and the inbox. */
export const sagaTables: PlainSpecs<Table> = {
  versions: {
    table: "rekey.versions",
    key: ["credential", "number"],
    write: "upsert",
    columns: {
      credential: plain,
      number: plain,
      label: plain,
      life: plain,
      rotation: plain,
      principal: plain,
      marked: plain,
      fingerprints: plain,
      staged: plain,
      exposedAt: instant,
      mintedAt: instant,
      promotedAt: instant,
      containedAt: instant,
      suspendedAt: instant,
      provenDeadAt: instant,
      proof: plain,
    },
  },
  effects: {
    table: "rekey.effects",
    key: ["rotation", "step", "attempt"],
    write: "upsert",
    columns: {
      rotation: plain,
      step: plain,
      attempt: plain,
      version: plain,
      state: plain,
      key: plain,
      baseline: plain,
      fault: plain,
    },
  },
  watches: {
    table: "rekey.watches",
    key: ["id"],
    write: "upsert",
    columns: {
      id: plain,
      credential: plain,
      version: plain,
      rotation: plain,
      state: plain,
      probes: plain,
      failures: plain,
      startedAt: instant,
      dueAt: instant,
      endedAt: instant,
    },
  },
  inputs: {
    table: "rekey.inputs",
    key: ["seq"],
    write: "insert",
    columns: {
      targetKind: plain,
      targetId: plain,
      seq: plain,
      payload: plain,
      actor: plain,
      at: instant,
    },
  },
  caseItems: {
    table: "rekey.case_items",
    key: ["case", "credential"],
    write: "upsert",
    columns: {
      case: plain,
      credential: plain,
      version: plain,
      wanted: plain,
      wave: plain,
      rotation: plain,
      outcome: plain,
    },
  },
  obligations: {
    table: "rekey.obligations",
    key: ["id"],
    write: "upsert",
    columns: {
      id: plain,
      case: plain,
      credential: plain,
      version: plain,
      owner: plain,
      openedAt: instant,
      dueAt: instant,
      attempts: plain,
      lastReason: plain,
      settledAt: instant,
      settledBy: plain,
    },
  },
  signals: {
    table: "rekey.signals",
    key: ["id"],
    // The same events in two batches meet at their index.
    order: ({ sourceSystem, sourceFeed, eventId }) =>
      JSON.stringify([sourceSystem, sourceFeed, eventId]),
    write: "upsert",
    columns: {
      id: plain,
      sourceSystem: plain,
      sourceFeed: plain,
      eventId: plain,
      kind: plain,
      digest: plain,
      outcome: plain,
      reason: plain,
      case: plain,
      receivedAt: instant,
      signal: plain,
      authentication: plain,
      coordinates: plain,
      problems: plain,
    },
  },
};
