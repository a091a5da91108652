import { VaultError } from "./error.ts";

declare const checked: unique symbol;

/** A path below `/v1/`, percent-encoded, whose every segment was checked. Only `vaultPath` makes one. */
export interface VaultPath {
  readonly text: string;
  readonly [checked]: true;
}

const segmentLengthMax = 512;
// What Go calls unprintable: Vault answers it with 400 and nothing else.
const unprintable = /[\p{C}\p{Z}]/u;

/** `team/app` as `["team", "app"]`: for values that may hold slashes, such as mounts and documents. */
export const segmentsOf = (text: string): readonly string[] => text.split("/");

/**
 * Each value is one segment, an array several. A segment that is empty, `.`, `..` or holds a slash is refused:
 * Vault decodes before it routes, so `%2F` and `%2e%2e` would be another path.
 * Throws VaultError `invalid` with providerCode `BAD_PATH`.
 */
export const vaultPath = (
  literals: TemplateStringsArray,
  ...values: readonly (string | readonly string[])[]
): VaultPath => {
  const text = literals.reduce(
    (built, literal, index) => `${built}${segmentText(values[index - 1] ?? [])}${literal}`,
  );
  return { text } as VaultPath;
};

const segmentText = (value: string | readonly string[]): string => {
  const segments = typeof value === "string" ? [value] : value;
  if (segments.length === 0 || !segments.every(isSegment)) {
    throw new VaultError({ kind: "invalid", providerCode: "BAD_PATH" });
  }
  return segments.map(encodeURIComponent).join("/");
};

const isSegment = (segment: string): boolean =>
  segment !== "" &&
  segment !== "." &&
  segment !== ".." &&
  segment.length <= segmentLengthMax &&
  !segment.includes("/") &&
  !unprintable.test(segment.replaceAll(" ", ""));
