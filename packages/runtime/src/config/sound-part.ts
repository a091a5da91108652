import type { z } from "zod";

/** Every round removes what has a problem, or what lacks something: no schema is deeper than this. */
const roundsMax = 40;

/** What of a content a schema can still read: the same with every part left out that has a problem. */
export const soundPart = <Schema extends z.ZodType>(
  schema: Schema,
  content: unknown,
): z.output<Schema> | undefined => {
  const rest: unknown = structuredClone(content);
  for (let round = 0; round < roundsMax; round += 1) {
    const parsed = schema.safeParse(rest);
    if (parsed.success) return parsed.data;
    // The last first: leaving out an entry of a list moves those behind it.
    for (const path of parsed.error.issues.flatMap(placesOf).toReversed()) leaveOut(rest, path);
  }
  return undefined;
};

type Path = readonly PropertyKey[];

const placesOf = (issue: z.core.$ZodIssue): readonly Path[] =>
  issue.code === "unrecognized_keys" ? issue.keys.map((key) => [...issue.path, key]) : [issue.path];

/** Where nothing is at the place, its parent lacks it and goes as a whole. */
const leaveOut = (content: unknown, path: Path): void => {
  const key = path.at(-1);
  const parent = path.slice(0, -1).reduce<unknown>(partOf, content);
  if (key === undefined || typeof parent !== "object" || parent === null) return;
  if (!Object.hasOwn(parent, key)) leaveOut(content, path.slice(0, -1));
  else if (Array.isArray(parent)) parent.splice(Number(key), 1);
  else Reflect.deleteProperty(parent, key);
};

const partOf = (content: unknown, key: PropertyKey): unknown =>
  typeof content === "object" && content !== null && Object.hasOwn(content, key)
    ? (content as Record<PropertyKey, unknown>)[key]
    : undefined;
