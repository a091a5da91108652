import type { Tree } from "./tree.ts";

const table = "packages/domain/src/fault.ts";
const production = /^(packages|services)\/[^/]+\/src\/.*\.tsx?$/;
const tests = /\.(test|suite|fixture|fake)\.tsx?$/;
/** Fakes, suites and planted faults live here: what only they raise, nobody meets. */
const testing = "packages/testkit/";

const isProduction = (path: string): boolean =>
  path !== table && production.test(path) && !tests.test(path) && !path.startsWith(testing);

/** A comment names a code without raising it. */
const withoutComments = (text: string): string =>
  text.replaceAll(/\/\*[\s\S]*?\*\//g, "").replaceAll(/^\s*\/\/.*$/gm, "");

/** Codes that no issuer of today has a reason to raise, and the contract suite that demands them of those to come. */
const demanded: Readonly<Record<string, string>> = {
  PROVIDER_NEEDS_SLOT: "packages/issuers/src/suite/mint.suite.ts",
};

/** Fault codes that no production code raises or reports, so that nobody will ever read their pages. */
export const faultFindings = (tree: Tree, codes: readonly string[]): readonly string[] => {
  const texts = tree.paths.filter(isProduction).map((path) => withoutComments(tree.read(path)));
  return codes.flatMap((code) => {
    const raised = texts.some((text) => raises(text, code));
    const suite = demanded[code];
    if (suite === undefined) return raised ? [] : [`${code} is raised nowhere`];
    if (raised) return [`${code} is raised: it is no longer only demanded`];
    return demands(tree, suite, code) ? [] : [`${suite} no longer demands ${code}`];
  });
};

const demands = (tree: Tree, suite: string, code: string): boolean =>
  tree.paths.includes(suite) && tree.read(suite).includes(`toBe("${code}")`);

/** Thrown, carried as a typed code, given to a function that makes the fault, or in a table by provider's code. */
const raises = (text: string, code: string): boolean =>
  [
    `Fault\\(\\s*"${code}"`,
    `FaultCode = "${code}"`,
    `\\bcode: "${code}"`,
    `\\? "${code}"`,
    `: "${code}"`,
    `return "${code}"`,
    `\\["\\d\\w*", "${code}"\\]`,
  ].some((pattern) => new RegExp(pattern).test(text));
