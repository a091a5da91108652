import { Writable } from "node:stream";
import { runCommandLine } from "@rekey/cli";
import type { Tree } from "./tree.ts";

/** The help of a command by its words; the program's own when there is no such command. */
export type Help = (words: readonly string[]) => Promise<string>;

const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
const neverStopped = {
  on: () => undefined,
  off: () => undefined,
  exit: () => undefined,
  stderr: silent,
};

/** The help as the command line prints it. */
export const helpOfCommandLine: Help = async (words) => {
  let text = "";
  const stdout = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      text += chunk.toString();
      done();
    },
  });
  await runCommandLine({
    words: [...words, "--help"],
    environment: { NO_COLOR: "1" },
    stdin: (async function* () {})(),
    stdout,
    stderr: silent,
    process: neverStopped,
  });
  return text;
};

interface Mention {
  readonly page: string;
  readonly text: string;
}

const inlineCode = /`rekey ([a-z][^`]*)`/g;
const shellLine = /^(?:.*\| )?(?:npx -y pnpm@10 )?rekey ([a-z].*)$/gm;
const shellBlock = /```sh\n([\s\S]*?)```/g;

/** Every command line of Rekey that a page tells its reader to use. */
const mentionsIn = (tree: Tree): readonly Mention[] =>
  tree.paths
    .filter((path) => path.endsWith(".md"))
    .flatMap((page) => {
      const text = tree.read(page);
      const blocks = [...text.matchAll(shellBlock)].map((block) => block[1] ?? "");
      const found = [
        ...text.replaceAll(shellBlock, "").matchAll(inlineCode),
        ...blocks.flatMap((block) => [...block.matchAll(shellLine)]),
      ];
      return found.map((match) => ({ page, text: (match[1] ?? "").replaceAll(/"[^"]*"/g, "…") }));
    });

/** Commands and options in the pages that the command line does not have. */
export const commandFindings = async (tree: Tree, help: Help): Promise<readonly string[]> => {
  const findings = await Promise.all(
    mentionsIn(tree).map(async ({ page, text }) => {
      const trouble = await troubleOf(text, help);
      return trouble === undefined ? [] : [`${page}: rekey ${text}: ${trouble}`];
    }),
  );
  return [...new Set(findings.flat())];
};

const troubleOf = async (text: string, help: Help): Promise<string | undefined> => {
  const words = text.split(/\s+/);
  const [first = "", second = ""] = words;
  const own = await help([first]);
  if (!own.startsWith(`Usage: rekey ${first}`)) return "there is no such command";
  const children = childrenOf(own);
  const named = children.includes(second);
  if (children.length > 0 && /^[a-z]/.test(second) && !named) return "there is no such command";
  const below = named ? [second] : children;
  const texts = [own, ...(await Promise.all(below.map((child) => help([first, child]))))];
  const options = words.filter((word) => /^--?[a-z]/.test(word));
  const missing = options.find((option) => !texts.some((one) => knows(one, option)));
  return missing === undefined ? undefined : `there is no option ${missing}`;
};

const childrenOf = (text: string): readonly string[] =>
  [...(text.split("\nCommands:\n")[1] ?? "").matchAll(/^ {2}([a-z][a-z-]*)/gm)]
    .map((match) => match[1] ?? "")
    .filter((name) => name !== "help");

const knows = (text: string, option: string): boolean =>
  new RegExp(`^ +(?:-[a-z], )?${option}(?![a-z-])`, "m").test(text);
