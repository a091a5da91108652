import { basename } from "node:path";
import type { Tree } from "./tree.ts";

const source = /^(packages|services|infra|test)\/.*\.(ts|js|sql|sh)$/;
const kebab = /^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+(-[a-z0-9]+)*)*$/;
const migration = /^\d{4}[-_][a-z0-9]+(-[a-z0-9]+)*\.sql$/;

/** Source files whose names are not kebab-case. */
export const fileNameFindings = (tree: Tree): readonly string[] =>
  tree.paths
    .filter((path) => source.test(path))
    .filter((path) => !(path.includes("/migrations/") ? migration : kebab).test(basename(path)))
    .map((path) => `${path} is not kebab-case`);

const comments = /\/\*[\s\S]*?\*\/|\/\/.*$/gm;
const reExports = /export\s+(type\s+)?\{[^}]*\}(\s+from\s+"[^"]+")?\s*;/g;

/** An index that holds anything but the names it exports. */
export const indexFindings = (tree: Tree): readonly string[] =>
  tree.paths
    .filter((path) => /^(packages|services|infra)\/[^/]+\/src\/index\.ts$/.test(path))
    .filter(
      (path) => tree.read(path).replaceAll(comments, "").replaceAll(reExports, "").trim() !== "",
    )
    .map((path) => `${path} must list names only: export { a, type B } from "./c.ts"`);
