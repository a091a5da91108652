import { expect, test } from "vitest";
import { commandFindings, helpOfCommandLine } from "./commands.ts";
import { projectTree, treeOf } from "./tree.ts";

test("every command and option that a page names is one that the command line has", async () => {
  expect(await commandFindings(projectTree(), helpOfCommandLine)).toEqual([]);
});

const findings = async (page: string): Promise<readonly string[]> =>
  await commandFindings(treeOf({ "docs/a.md": page }), helpOfCommandLine);

test.each([
  "`rekey doctor`",
  "`rekey case show <case>`",
  "`rekey audit --credential payments-db`",
  '```sh\nrekey pause --all --reason "of rotate --nothing"\n```',
])("%s is known", async (page) => {
  expect(await findings(page)).toEqual([]);
});

test.each([
  "`rekey reconcile`",
  "`rekey case reopen <case>`",
  "`rekey case list --closed`",
  "```sh\nrekey rotation resume <rotation> --force\n```",
  "```sh\nprintf %s x | rekey report leak\n```",
  "```sh\nnpx -y pnpm@10 rekey down\n```",
])("%s is caught", async (page) => {
  expect(await findings(page)).toHaveLength(1);
});
