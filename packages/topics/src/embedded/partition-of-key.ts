import { hash } from "node:crypto";

/** The partition of a key: stable across processes, machines and releases, or order per key breaks. */
export function partitionOfKey(key: string, partitions: number): number {
  const digest = hash("sha256", key, "hex");
  return Number.parseInt(digest.slice(0, 8), 16) % partitions;
}
