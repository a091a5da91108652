import { dottedName } from "./syntax.js";

const mocks = new Set(["vi.mock", "vi.doMock"]);

/**
 * A fake that passes the contract suite says what the real part does; a mock says what we hope.
 * @type {import("./syntax.js").Rule}
 */
export const noModuleMock = {
  meta: { type: "problem" },
  create: (context) => ({
    CallExpression: (node) => {
      const name = dottedName(node.callee);
      if (name !== undefined && mocks.has(name)) {
        context.report({ node, message: `${name} replaces a part unseen; inject a fake` });
      }
    },
  }),
};
