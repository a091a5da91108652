import { dottedName } from "./syntax.js";

const banned = new Set(
  `Date Date.now performance.now process.hrtime process.hrtime.bigint Math.random
  randomUUID randomBytes randomInt getRandomValues setTimeout setInterval setImmediate`.split(
    /\s+/,
  ),
);
const drawn = new Set(["randomUUID", "randomBytes", "randomInt", "getRandomValues"]);
const modules = /^(node:)?(crypto|timers|timers\/promises|perf_hooks)$/;

/** @param {any} callee */
const bannedCall = (callee) => {
  const name = dottedName(callee)?.replace(/^globalThis\./, "");
  if (name === undefined) return undefined;
  const last = name.slice(name.lastIndexOf(".") + 1);
  return banned.has(name) || drawn.has(last) ? name : undefined;
};

/**
 * Time, identifiers and randomness arrive as arguments, so that a run can be repeated exactly.
 * @type {import("./syntax.js").Rule}
 */
export const noAmbientTime = {
  meta: { type: "problem" },
  create: (context) => {
    const report = (/** @type {any} */ node, /** @type {string} */ name) =>
      context.report({ node, message: `${name} is not repeatable; take it as an argument` });
    return {
      CallExpression: (node) => {
        const name = bannedCall(node.callee);
        if (name !== undefined) report(node, name);
      },
      NewExpression: (node) => {
        const isNow = dottedName(node.callee) === "Date" && node.arguments.length === 0;
        if (isNow) report(node, "new Date()");
      },
      ImportDeclaration: (node) => {
        if (!modules.test(node.source.value)) return;
        for (const part of node.specifiers) {
          const name = part.imported?.name;
          const isWhole = part.type !== "ImportSpecifier";
          if (isWhole || banned.has(name)) report(part, name ?? node.source.value);
        }
      },
    };
  },
};
