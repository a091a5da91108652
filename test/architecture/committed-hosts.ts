import type { Tree } from "./tree.ts";

const binary = /\.(png|jpg|svg|gif|ico|woff2|age|gz)$/;

const patterns: readonly (readonly [what: string, pattern: RegExp])[] = [
  ["a path of one machine", /(?<![\w.~-])\/(?:root|work|home\/[a-z]|Users\/[A-Za-z])[\w-]*\//],
  ["a path of one machine", /\b[A-Z]:\\Users\\/],
  ["the host of a package registry", /\bregistry(?:-1)?\.(?:[a-z0-9-]+\.)+[a-z]{2,}\b/],
  [
    "the host of a package registry",
    /\b(?:unpkg|proxy\.golang|npm\.pkg\.github|jsr)\.(?:com|org|io)\b/,
  ],
  ["a fixed download address", /^\s*resolution:.*\btarball:/m],
];

/** Files that only work on the machine they were written on, or that pin where packages come from. */
export const hostFindings = (tree: Tree): readonly string[] =>
  tree.paths
    .filter((path) => !binary.test(path))
    .flatMap((path) => {
      const text = tree.read(path);
      return patterns
        .filter(([, pattern]) => pattern.test(text))
        .map(([what]) => `${path} holds ${what}`);
    });
