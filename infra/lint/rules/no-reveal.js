import { memberName } from "./syntax.js";

const message =
  "a secret is revealed only where it leaves Rekey: issuers, stores, consumer, connect.ts";

/** @param {string | undefined} name */
const reveals = (name) => name !== undefined && /^reveal(Bytes)?$/.test(name);

/**
 * Naming the method is enough: taking it along unbound is the same leak.
 * @type {import("./syntax.js").Rule}
 */
export const noReveal = {
  meta: { type: "problem" },
  create: (context) => ({
    MemberExpression: (node) => {
      if (reveals(memberName(node))) context.report({ node, message });
    },
    ObjectPattern: (node) => {
      for (const part of node.properties) {
        if (reveals(part.key?.name)) context.report({ node: part, message });
      }
    },
  }),
};
