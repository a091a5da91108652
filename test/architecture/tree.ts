import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** The project's files as a guard sees them; a test can plant a fault without touching the disk. */
export type Tree = {
  /** Paths from the root, with forward slashes, sorted. */
  readonly paths: readonly string[];
  readonly read: (path: string) => string;
};

const root = join(import.meta.dirname, "../..");
const skipped = new Set(["node_modules", ".git", ".turbo", ".rekey", "coverage"]);

const walk = (folder: string): string[] =>
  readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
    if (skipped.has(entry.name)) return [];
    if (entry.isDirectory()) return walk(path);
    return entry.isFile() ? [path] : [];
  });

/** The tree on disk. */
export const projectTree = (): Tree => ({
  paths: walk("").toSorted(),
  read: (path) => readFileSync(join(root, path), "utf8"),
});

/** The tree with some files written over; `undefined` removes one. */
export const planted = (tree: Tree, files: Readonly<Record<string, string | undefined>>): Tree => {
  const changed = new Map(Object.entries(files));
  const kept = tree.paths.filter((path) => !changed.has(path));
  const added = [...changed].filter(([, text]) => text !== undefined).map(([path]) => path);
  return {
    paths: [...kept, ...added].toSorted(),
    read: (path) => changed.get(path) ?? tree.read(path),
  };
};

/** A tree of these files alone. */
export const treeOf = (files: Readonly<Record<string, string>>): Tree =>
  planted({ paths: [], read: (path) => path }, files);

/** The folders that hold a package.json, the root excepted. */
export const packagesOf = (tree: Tree): readonly string[] =>
  tree.paths
    .filter((path) => path.endsWith("/package.json"))
    .map((path) => path.slice(0, -"/package.json".length));
