import { constantText } from "./syntax.js";

const testkit = /^@rekey\/testkit(\/|$)/;

/**
 * @type {import("./syntax.js").Rule}
 */
export const noTestkit = {
  meta: { type: "problem" },
  create: (context) => {
    const check = (/** @type {any} */ node) => {
      const source = constantText(node.source ?? undefined);
      if (source !== undefined && testkit.test(source)) {
        context.report({ node, message: "testkit is for tests, suites and fakes" });
      }
    };
    return {
      ImportDeclaration: check,
      ImportExpression: check,
      ExportNamedDeclaration: check,
      ExportAllDeclaration: check,
    };
  },
};
