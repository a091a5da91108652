import { expect, test } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { planted, projectTree, type Tree } from "./tree.ts";

const file = "infra/alerts.yaml";
const rules = z.object({
  groups: z.array(
    z.strictObject({
      name: z.string(),
      rules: z.array(
        z.strictObject({
          alert: z.string().regex(/^Rekey[A-Z]\w+$/),
          expr: z.string(),
          for: z
            .string()
            .regex(/^\d+[smh]$/)
            .optional(),
          labels: z.strictObject({ severity: z.enum(["page", "ticket"]) }),
          annotations: z.strictObject({ summary: z.string(), runbook: z.string() }),
        }),
      ),
    }),
  ),
});

/** Each figure with its type and label, as docs/operations.md has it; that table is held against a process by a test in app. */
const figuresOf = (tree: Tree): ReadonlyMap<string, { type: string; label: string }> =>
  new Map(
    [
      ...tree
        .read("docs/operations.md")
        .matchAll(/^\| `(rekey_\w+)` +\| (\w+) +\| (?:`(\w+)`)? *\|/gm),
    ].map(([, name = "", type = "", label = ""]) => [name, { type, label }]),
  );

const used = /\b(rekey_\w+?)(_bucket|_sum|_count)?\b(?:\{(\w+)=)?(?!\w)/g;

/** What a text asks of figures that are not there, or not like that. */
const unknownIn = (tree: Tree, text: string): readonly string[] => {
  const figures = figuresOf(tree);
  return [...text.matchAll(used)].flatMap(([whole, name = "", part, label]) => {
    const figure = figures.get(name);
    if (figure === undefined) return [whole];
    const isParted = figure.type === "histogram";
    const fits = isParted === (part !== undefined) && (label ?? figure.label) === figure.label;
    return fits ? [] : [whole];
  });
};

const findings = (tree: Tree): readonly string[] => {
  const { groups } = rules.parse(parse(tree.read(file)));
  return groups
    .flatMap((group) => group.rules)
    .flatMap(({ alert, expr, annotations: { runbook } }) => [
      ...unknownIn(tree, expr).map((what) => `${alert}: ${what}`),
      ...(tree.paths.includes(runbook) ? [] : [`${alert}: ${runbook} is missing`]),
    ]);
};

const tree = projectTree();

test("each alarm asks for figures that a process tells, and names a page that is there", () => {
  expect(figuresOf(tree).size).toBeGreaterThan(10);
  expect(findings(tree)).toEqual([]);
});

test("the alarms of the pages ask for figures that a process tells", () => {
  const rows = tree
    .read("docs/production.md")
    .split("\n")
    .filter((line) => line.startsWith("|") && /rekey_\w+[{)]|rekey_\w+ >/.test(line));
  expect(rows.length).toBeGreaterThan(5);
  expect(unknownIn(tree, rows.join("\n"))).toEqual([]);
});

test.each([
  ["rekey_rotations_halted", "rekey_rotations_stuck", "RekeyRotationHalted: rekey_rotations_stuck"],
  ['scope="containment"', 'kind="containment"', "RekeyContainmentPaused: rekey_paused{kind="],
  [
    "rekey_contained_seconds_bucket",
    "rekey_contained_seconds",
    "RekeyContainmentSlow: rekey_contained_seconds{exposed=",
  ],
  [
    "docs/runbooks/BREAKER_OPEN.md",
    "docs/runbooks/GONE.md",
    "RekeyApprovalAwaited: docs/runbooks/GONE.md is missing",
  ],
])("an alarm that asks %s as %s is caught", (right, wrong, finding) => {
  const text = tree.read(file);
  expect(text).toContain(right);
  expect(findings(planted(tree, { [file]: text.replace(right, wrong) }))).toContain(finding);
});
