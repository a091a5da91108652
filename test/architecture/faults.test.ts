import { faultCodes } from "@rekey/domain";
import { expect, test } from "vitest";
import { faultFindings } from "./faults.ts";
import { planted, projectTree, treeOf } from "./tree.ts";

const file = "packages/engine/src/steps/mint.ts";

test("every fault code is raised or reported by production code", () => {
  expect(faultFindings(projectTree(), Object.keys(faultCodes))).toEqual([]);
});

test("a code that only the table knows is caught", () => {
  const codes = [...Object.keys(faultCodes), "DISK_TIRED"];
  expect(faultFindings(projectTree(), codes)).toEqual(["DISK_TIRED is raised nowhere"]);
});

const suite = "packages/issuers/src/suite/mint.suite.ts";

test("a code that only a contract suite demands is caught when the suite drops it, or an issuer raises it", () => {
  const codes = ["PROVIDER_NEEDS_SLOT"];
  const dropped = planted(projectTree(), { [suite]: "" });
  expect(faultFindings(dropped, codes)).toEqual([`${suite} no longer demands ${codes[0]}`]);
  const raised = planted(projectTree(), { [file]: `throw new Fault("${codes[0]}");` });
  expect(faultFindings(raised, codes)).toEqual([
    `${codes[0]} is raised: it is no longer only demanded`,
  ]);
});

test.each([
  ["compared", 'if (fault.code === "DISK_TIRED") return;'],
  ["listed", 'const answered = new Set(["HOLD_LOST", "DISK_TIRED"]);'],
  ["named in a comment", '/** throw new Fault("DISK_TIRED") */\n// throw new Fault("DISK_TIRED")'],
])("a code that is only %s is caught", (_what, text) => {
  expect(faultFindings(treeOf({ [file]: text }), ["DISK_TIRED"])).toHaveLength(1);
});

test.each(["mint.test.ts", "mint.fake.ts", "mint.suite.ts", "mint.fixture.ts"])(
  "a code that only %s raises is caught",
  (name) => {
    const tree = treeOf({ [`packages/engine/src/${name}`]: 'throw new Fault("DISK_TIRED");' });
    expect(faultFindings(tree, ["DISK_TIRED"])).toHaveLength(1);
  },
);

test.each([
  ["thrown", 'throw new Fault("DISK_TIRED", { cause });'],
  ["reported", 'const code: FaultCode = "DISK_TIRED";'],
  ["in a table", 'const rules = [["53", "DISK_TIRED"]];'],
  ["made by a function", 'throw storeFault("DISK_TIRED", "full");'],
])("a code that is %s passes", (_what, text) => {
  expect(faultFindings(planted(treeOf({}), { [file]: text }), ["DISK_TIRED"])).toEqual([]);
});
