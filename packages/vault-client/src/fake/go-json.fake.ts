const escapes: Readonly<Record<string, string>> = {
  "<": "\\u003c",
  ">": "\\u003e",
  "&": "\\u0026",
  "\u2028": "\\u2028",
  "\u2029": "\\u2029",
};

/** JSON as Go writes a map: keys in byte order, no spaces, `<`, `>` and `&` escaped. */
export const goJson = (value: unknown): string => {
  if (Array.isArray(value)) return `[${value.map(goJson).join()}]`;
  if (typeof value !== "object" || value === null) return scalar(value);
  const members = Object.entries(value)
    .filter(([, inner]) => inner !== undefined)
    .toSorted(([one], [other]) => Buffer.compare(Buffer.from(one), Buffer.from(other)))
    .map(([name, inner]) => `${scalar(name)}:${goJson(inner)}`);
  return `{${members.join()}}`;
};

const scalar = (value: unknown): string =>
  JSON.stringify(value).replaceAll(/[<>&\u2028\u2029]/g, (found) => escapes[found] ?? found);
