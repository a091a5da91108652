import type { Tree } from "./tree.ts";

type Faults = Readonly<Record<string, { readonly action: string; readonly next: string }>>;

const folder = "docs/runbooks/";
const index = `${folder}README.md`;

const sections = [
  "## What it means",
  "## What Rekey does by itself",
  "## How to see it",
  "## What to do",
  "## What is safe",
  "## When it is over",
];

/** Fault codes without a page, pages without a code, and pages that leave out what a person needs. */
export const runbookFindings = (tree: Tree, faults: Faults): readonly string[] => {
  const pages = Object.keys(faults).map((code) => `${folder}${code}.md`);
  const strays = tree.paths.filter(
    (path) => path.startsWith(folder) && path !== index && !pages.includes(path),
  );
  return [
    ...strays.map((path) => `${path} is the page of no fault code`),
    ...Object.entries(faults).flatMap(([code, rule]) => pageFindings(tree, code, rule)),
  ];
};

const pageFindings = (tree: Tree, code: string, rule: Faults[string]): readonly string[] => {
  const path = `${folder}${code}.md`;
  if (!tree.paths.includes(path)) return [`${path} is missing`];
  const text = tree.read(path);
  const lines = text.split("\n");
  const missing = [
    ...(lines[0] === `# ${code}` ? [] : [`the title ${code}`]),
    ...sections.filter((section) => !lines.includes(section)),
    ...(text.includes(`**${rule.action}**`) ? [] : [`the action **${rule.action}**`]),
    ...(text.includes(rule.next) ? [] : [`the next action: ${rule.next}`]),
  ];
  const listed = tree.paths.includes(index) && tree.read(index).includes(`(${code}.md)`);
  return [
    ...missing.map((what) => `${path} lacks ${what}`),
    ...(listed ? [] : [`${index} does not list ${code}`]),
  ];
};
