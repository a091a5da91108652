import { dottedName } from "./syntax.js";

const message = "only main.ts reads the environment; take the value from the configuration";

/**
 * Configuration is parsed once and reported whole; a read elsewhere escapes both.
 * @type {import("./syntax.js").Rule}
 */
export const noEnvironment = {
  meta: { type: "problem" },
  create: (context) => ({
    MemberExpression: (node) => {
      const name = dottedName(node)?.replace(/^globalThis\./, "");
      if (name === "process.env") context.report({ node, message });
    },
    VariableDeclarator: (node) => {
      if (node.id.type !== "ObjectPattern" || node.init?.name !== "process") return;
      const takes = node.id.properties.some((/** @type {any} */ part) => part.key?.name === "env");
      if (takes) context.report({ node, message });
    },
    ImportDeclaration: (node) => {
      if (!/^(node:)?process$/.test(node.source.value)) return;
      for (const part of node.specifiers) {
        if (part.imported?.name === "env") context.report({ node: part, message });
      }
    },
  }),
};
