import { posix } from "node:path";
import type { Tree } from "./tree.ts";

const fenced = /^ {0,3}(`{3,}|~{3,})[^\n]*\n[\s\S]*?^ {0,3}\1[`~]*[ \t]*$/gm;
const inlineCode = /(`+)(?!`)[\s\S]*?[^`]\1(?!`)/g;
const inlineLink = /\]\(\s*<?([^)\s>]+)>?(?:\s+"[^"]*")?\s*\)/g;
const definition = /^ {0,3}\[[^\]]+\]:\s*<?(\S+?)>?(?:\s+"[^"]*")?\s*$/gm;
const attribute = /\b(?:href|src)\s*=\s*"([^"]+)"/g;
const elsewhere = /^(?:[a-z][a-z0-9+.-]*:|\/\/)/i;

/** Where the links, pictures and definitions of a Markdown text lead, code left out. */
const targetsOf = (text: string): readonly string[] => {
  const prose = text.replaceAll(fenced, "").replaceAll(inlineCode, "");
  return [inlineLink, definition, attribute].flatMap((pattern) =>
    [...prose.matchAll(pattern)].map((match) => match[1] ?? ""),
  );
};

/** The anchors of a page, as a Markdown renderer makes them of headings. */
const anchorsOf = (text: string): ReadonlySet<string> => {
  const seen = new Map<string, number>();
  const anchors = [...text.replaceAll(fenced, "").matchAll(/^#{1,6}\s+(.+?)\s*#*$/gm)].map(
    ([, heading = ""]) => {
      const slug = heading
        .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1")
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
        .replaceAll(/\s/g, "-");
      const times = seen.get(slug) ?? 0;
      seen.set(slug, times + 1);
      return times === 0 ? slug : `${slug}-${times}`;
    },
  );
  return new Set(anchors);
};

const troubleOf = (tree: Tree, page: string, target: string): string | undefined => {
  const [file = "", anchor] = target.split("#");
  if (file.startsWith("/")) return "starts at the root of a machine";
  const path = file === "" ? page : posix.join(posix.dirname(page), decodeURIComponent(file));
  const folder = path.endsWith("/") ? path : `${path}/`;
  const isFile = tree.paths.includes(path);
  if (!isFile && !tree.paths.some((known) => known.startsWith(folder))) return "does not exist";
  if (anchor === undefined || anchor === "" || !isFile || !path.endsWith(".md")) return undefined;
  return anchorsOf(tree.read(path)).has(anchor) ? undefined : "has no such heading";
};

/** Links of the project's pages that lead nowhere. Addresses of other hosts are left alone. */
export const linkFindings = (tree: Tree): readonly string[] =>
  tree.paths
    .filter((path) => path.endsWith(".md"))
    .flatMap((page) =>
      targetsOf(tree.read(page))
        .filter((target) => !elsewhere.test(target))
        .flatMap((target) => {
          const trouble = troubleOf(tree, page, target);
          return trouble === undefined ? [] : [`${page}: ${target} ${trouble}`];
        }),
    );
