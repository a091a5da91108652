import { bytes, instant, plain, type PlainSpecs } from "./table-spec.ts";

type Table =
  | "holds"
  | "reservations"
  | "sightings"
  | "acknowledgements"
  | "tokens"
  | "deployments"
  | "announcements"
  | "foreign"
  | "gates"
  | "modes"
  | "pause"
  | "audit"
  | "outbox"
  | "shards"
  | "processes"
  | "ticks"
  | "world"
  | "peppers";

/** Holds, what consumers said, switches, and what is told to others. */
export const journalTables: PlainSpecs<Table> = {
  holds: {
    table: "rekey.credentials",
    key: ["credential"],
    write: "update",
    columns: {
      credential: plain,
      fence: plain,
      holdUntil: instant,
      holdBy: plain,
      holdOpen: plain,
      rotationNumber: plain,
      announcementSequence: plain,
      ended: plain,
    },
  },
  reservations: {
    table: "rekey.breaker_reservations",
    key: ["key"],
    write: "upsert",
    columns: {
      key: plain,
      scope: plain,
      producer: plain,
      kind: plain,
      charged: plain,
      reservedAt: instant,
    },
  },
  sightings: {
    table: "rekey.sightings",
    key: ["consumer", "instance"],
    write: "upsert",
    columns: {
      consumer: plain,
      instance: plain,
      lastSeenAt: instant,
    },
  },
  acknowledgements: {
    table: "rekey.acknowledgements",
    key: ["credential", "consumer", "instance"],
    write: "upsert",
    columns: {
      consumer: plain,
      credential: plain,
      instance: plain,
      version: plain,
      sequence: plain,
      acknowledgedAt: instant,
      counted: plain,
    },
  },
  tokens: {
    table: "rekey.acknowledgement_tokens",
    key: ["tokenId"],
    write: "upsert",
    columns: {
      tokenId: plain,
      consumer: plain,
      usedAt: instant,
    },
  },
  deployments: {
    table: "rekey.service_deployments",
    key: ["service", "environment"],
    write: "upsert",
    columns: {
      service: plain,
      environment: plain,
      deployedAt: instant,
    },
  },
  announcements: {
    table: "rekey.announcements",
    key: ["credential"],
    write: "upsert",
    columns: {
      credential: plain,
      version: plain,
      rotation: plain,
      sequence: plain,
      at: instant,
    },
  },
  foreign: {
    table: "rekey.foreign_acknowledged",
    key: ["credential", "principal"],
    write: "upsert",
    columns: {
      credential: plain,
      principal: plain,
      actor: plain,
      reason: plain,
      at: instant,
    },
  },
  gates: {
    table: "rekey.gates",
    key: ["issuer"],
    write: "upsert",
    columns: {
      issuer: plain,
      state: plain,
      failures: plain,
      retryAt: instant,
      askedAt: instant,
    },
  },
  modes: {
    table: "rekey.mode_settings",
    key: ["scope", "name"],
    write: "upsert",
    columns: {
      scope: plain,
      name: plain,
      mode: plain,
    },
  },
  pause: {
    table: "rekey.pause",
    key: [],
    write: "update",
    columns: {
      paused: plain,
      all: plain,
      reason: plain,
    },
  },
  ticks: {
    table: "rekey.ticks",
    key: [],
    write: "update",
    columns: {
      passedMs: plain,
      countedBy: plain,
      readingMs: plain,
      countedAt: instant,
    },
  },
  world: {
    table: "rekey.world",
    key: [],
    write: "update",
    columns: {
      system: plain,
      timeline: plain,
      behind: plain,
      credentials: plain,
    },
  },
  peppers: {
    table: "rekey.peppers",
    key: ["scheme"],
    write: "append",
    columns: {
      scheme: plain,
      value: plain,
      keptAt: instant,
    },
  },
  audit: {
    table: "rekey.audit_events",
    key: ["id"],
    write: "append",
    columns: {
      id: plain,
      at: instant,
      type: plain,
      credential: plain,
      case: plain,
      rotation: plain,
      signal: plain,
      digest: plain,
      canonical: bytes,
    },
  },
  outbox: {
    table: "rekey.outbox",
    key: ["position"],
    write: "insert",
    columns: {
      position: plain,
      shard: plain,
      topic: plain,
      key: plain,
      headers: plain,
      value: plain,
      announces: plain,
    },
  },
  shards: {
    table: "rekey.outbox_shards",
    key: ["shard"],
    write: "update",
    columns: {
      shard: plain,
      fence: plain,
      holdUntil: instant,
      holdBy: plain,
    },
  },
  processes: {
    table: "rekey.processes",
    key: ["id"],
    write: "upsert",
    columns: {
      id: plain,
      kinds: plain,
      build: plain,
      beatAt: instant,
    },
  },
};
