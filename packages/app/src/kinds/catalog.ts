import type { PartName } from "../parts/opened.ts";

/** Every kind of process, and what it needs beside the ledger. */
const kindNeeds = {
  intake: ["topics", "dispatcher", "providers", "fingerprint"],
  rotator: ["dispatcher", "providers", "fingerprint"],
  scheduler: ["dispatcher", "providers"],
  relay: ["topics"],
  gateway: ["topics", "dispatcher", "providers", "fingerprint"],
} as const satisfies Readonly<Record<string, readonly PartName[]>>;

export type ProcessKind = keyof typeof kindNeeds;

export const processKinds = Object.keys(kindNeeds) as readonly ProcessKind[];

/** Kinds that act at providers and stores; the others only ask what a provider can do, and hold no credential of one. */
export const actingKinds: ReadonlySet<ProcessKind> = new Set(["intake", "rotator"]);

export const needsOf = (kinds: readonly ProcessKind[]): ReadonlySet<PartName> =>
  new Set(kinds.flatMap((kind): readonly PartName[] => kindNeeds[kind]));
