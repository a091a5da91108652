import { readFileSync } from "node:fs";

interface Manifest {
  readonly version: string;
}

const manifest = JSON.parse(
  readFileSync(new URL("../package.json", import.meta.url), "utf8"),
) as Manifest;

/** Which build wrote a row: audit events and holds carry it. */
export const build = `rekey/${manifest.version}`;
