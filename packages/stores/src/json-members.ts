/** One member of a JSON object by its place in the text: `[start, end)` offsets. */
export interface JsonMember {
  readonly key: string;
  readonly keyStart: number;
  readonly keyEnd: number;
  readonly valueStart: number;
  readonly valueEnd: number;
}

/** The text's members in their order, duplicates included; undefined when it is not one JSON object. */
export const scanMembers = (text: string): readonly JsonMember[] | undefined => {
  if (!isJsonObject(text)) return undefined;
  const members: JsonMember[] = [];
  let at = skipSpace(text, skipSpace(text, 0) + 1);
  while (text[at] !== "}") {
    const keyEnd = skipString(text, at);
    const valueStart = skipSpace(text, skipSpace(text, keyEnd) + 1);
    const valueEnd = skipValue(text, valueStart);
    const key = JSON.parse(text.slice(at, keyEnd)) as string;
    members.push({ key, keyStart: at, keyEnd, valueStart, valueEnd });
    at = skipSpace(text, valueEnd);
    if (text[at] === ",") at = skipSpace(text, at + 1);
  }
  return members;
};

/**
 * Replaces or appends members of a JSON object and leaves every other byte as it was. `changes` maps a key
 * to JSON text. New members are laid out like the first one. The caller refuses duplicate keys beforehand.
 */
export const spliceMembers = (text: string, changes: ReadonlyMap<string, string>): string => {
  const members = scanMembers(text);
  if (members === undefined) throw new TypeError("not a JSON object");
  let spliced = "";
  let copied = 0;
  for (const member of members) {
    const value = changes.get(member.key);
    if (value === undefined) continue;
    spliced += text.slice(copied, member.valueStart) + value;
    copied = member.valueEnd;
  }
  const present = new Set(members.map(({ key }) => key));
  const missing = [...changes].filter(([key]) => !present.has(key));
  return insertMembers({ text, members, spliced, copied }, missing);
};

interface Splicing {
  readonly text: string;
  readonly members: readonly JsonMember[];
  readonly spliced: string;
  readonly copied: number;
}

const insertMembers = (
  splicing: Splicing,
  missing: readonly (readonly [string, string])[],
): string => {
  const { text, members, spliced, copied } = splicing;
  const [first] = members;
  const last = members.at(-1);
  if (missing.length === 0) return spliced + text.slice(copied);
  const opened = text.indexOf("{") + 1;
  const gap = first === undefined ? "\n  " : text.slice(opened, first.keyStart);
  const colon = first === undefined ? ": " : text.slice(first.keyEnd, first.valueStart);
  const added = missing
    .map(([key, value]) => `${gap}${JSON.stringify(key)}${colon}${value}`)
    .join(",");
  if (last === undefined)
    return `${text.slice(0, opened)}${added}\n${text.slice(text.indexOf("}"))}`;
  return `${spliced}${text.slice(copied, last.valueEnd)},${added}${text.slice(last.valueEnd)}`;
};

// The scanner below walks text that JSON.parse has accepted, so it needs no errors of its own.
const isJsonObject = (text: string): boolean => {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
};

const skipSpace = (text: string, from: number): number => {
  let at = from;
  while (" \t\n\r".includes(text[at] ?? "x")) at += 1;
  return at;
};

const skipString = (text: string, from: number): number => {
  let at = from + 1;
  while (text[at] !== '"') at += text[at] === "\\" ? 2 : 1;
  return at + 1;
};

const skipValue = (text: string, from: number): number => {
  const opening = text[from] ?? "";
  if (opening === '"') return skipString(text, from);
  if (opening === "{" || opening === "[") return skipNested(text, from);
  let at = from;
  while (!" \t\n\r,}]".includes(text[at] ?? ",")) at += 1;
  return at;
};

const skipNested = (text: string, from: number): number => {
  let depth = 0;
  let at = from;
  do {
    const character = text[at] ?? "";
    if (character === '"') {
      at = skipString(text, at);
      continue;
    }
    if ("{[".includes(character)) depth += 1;
    if ("}]".includes(character)) depth -= 1;
    at += 1;
  } while (depth > 0);
  return at;
};
