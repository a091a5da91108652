import type { Problem } from "@rekey/domain";
import { LineCounter, parseDocument } from "yaml";
import { badInput } from "../failure.ts";

const problemsMax = 100;

/** The map in a YAML text, or CommandFailure with every place that is no YAML. Texts are never quoted. */
export const yamlDocument = (text: string): Record<string, unknown> => {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    prettyErrors: false,
    uniqueKeys: true,
    lineCounter: lines,
  });
  const problems: Problem[] = [...document.errors, ...document.warnings].map((error) => {
    const { line, col } = lines.linePos(error.pos[0]);
    return { path: `line ${line}, column ${col}`, reason: `is not valid YAML (${error.code})` };
  });
  if (problems.length > 0)
    throw badInput("the document cannot be read", problems.slice(0, problemsMax));
  const content = plain(document);
  if (typeof content === "object" && content !== null && !Array.isArray(content))
    return content as Record<string, unknown>;
  throw badInput(
    "the document must be a map of identities, policies, consumers, credentials, grants",
  );
};

// A few aliases can stand for gigabytes.
const plain = (document: ReturnType<typeof parseDocument>): unknown => {
  try {
    return document.toJS({ maxAliasCount: 0 }) ?? {};
  } catch {
    throw badInput("the document must not use YAML aliases");
  }
};
