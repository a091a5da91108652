import { basename } from "node:path";
import { boundNames } from "./syntax.js";

const banned = new Set(
  "manager managers helper helpers util utils utility utilities common misc".split(" "),
);
// A vendor's product keeps its own name.
const products = /secrets-?managers?/gi;
const hungarian = /^[IT][A-Z][a-z]/;

/** @param {string} name */
const words = (name) =>
  name
    .replaceAll(products, "")
    .split(/(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|[^A-Za-z0-9]+/)
    .map((word) => word.toLowerCase());

/** @param {string} name */
const bannedWord = (name) => words(name).find((word) => banned.has(word));

/**
 * Names we choose: a word that would fit anything tells nothing.
 * Names of others (imports, members of foreign objects) are theirs.
 * @type {import("./syntax.js").Rule}
 */
export const bannedNames = {
  meta: { type: "problem" },
  create: (context) => {
    const check = (/** @type {any} */ node) => {
      const word = node?.type === "Identifier" ? bannedWord(node.name) : undefined;
      if (word !== undefined) {
        context.report({ node, message: `"${word}" fits anything; name what it does` });
      }
    };
    const checkPatterns = (/** @type {any[]} */ patterns) => {
      for (const name of patterns.flatMap(boundNames)) check(name);
    };
    const checkFunction = (/** @type {any} */ node) => {
      check(node.id);
      checkPatterns(node.params);
    };
    const checkType = (/** @type {any} */ node) => {
      check(node.id);
      if (hungarian.test(node.id.name)) {
        context.report({ node: node.id, message: "no I or T prefix on a type's name" });
      }
    };
    return {
      Program: (node) => {
        const word = bannedWord(basename(context.filename));
        if (word !== undefined) {
          context.report({
            node,
            message: `"${word}" in a file name fits anything; name its export`,
          });
        }
      },
      VariableDeclarator: (node) => checkPatterns([node.id]),
      FunctionDeclaration: checkFunction,
      FunctionExpression: checkFunction,
      ArrowFunctionExpression: checkFunction,
      ClassDeclaration: (node) => check(node.id),
      MethodDefinition: (node) => check(node.key),
      PropertyDefinition: (node) => check(node.key),
      TSInterfaceDeclaration: checkType,
      TSTypeAliasDeclaration: checkType,
      TSPropertySignature: (node) => check(node.key),
      TSMethodSignature: (node) => check(node.key),
    };
  },
};
