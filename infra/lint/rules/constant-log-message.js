import { constantText, dottedName, memberName } from "./syntax.js";

const levels = new Set(["trace", "debug", "info", "warn", "error", "fatal"]);
const loggers = /(^|\.)(log|logger|\w+Log|\w+Logger)$/;

/** @param {any} callee */
const isLogCall = (callee) => {
  if (callee.type !== "MemberExpression" || !levels.has(memberName(callee) ?? "")) return false;
  const owner = callee.object;
  const name = owner.type === "MemberExpression" ? memberName(owner) : dottedName(owner);
  return name !== undefined && loggers.test(name);
};

/** @param {any} node */
const isComposed = (node) =>
  (node.type === "TemplateLiteral" && node.expressions.length > 0) ||
  (node.type === "BinaryExpression" && node.operator === "+");

/**
 * A message that is put together at run time can carry a secret past the allow-list of fields.
 * @type {import("./syntax.js").Rule}
 */
export const constantLogMessage = {
  meta: { type: "problem" },
  create: (context) => ({
    CallExpression: (node) => {
      if (!isLogCall(node.callee)) return;
      const messages = node.arguments.filter(
        (/** @type {any} */ argument) => constantText(argument) !== undefined,
      );
      if (messages.length === 1 && !node.arguments.some(isComposed)) return;
      context.report({ node, message: "a log message is one constant; values go into fields" });
    },
  }),
};
