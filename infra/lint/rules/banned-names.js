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

// What fits anything where others read it: of an own variable its few lines tell what it is.
const bannedShared = new Set(["info", "data"]);
// The folder of the configuration's own setting.
const settings = /data_?dir/gi;

/**
 * What is wrong with a name that others read: `process` says of a function that it does something, `handle` of a
 * thing that it is held. As a noun the first is a process, as a verb the second is what one does.
 * @param {string} name
 * @param {boolean} isFunction
 */
const sharedWord = (name, isFunction) => {
  const parts = words(name.replaceAll(settings, "")).filter((word) => word !== "");
  const fits = parts.find((word) => bannedShared.has(word));
  if (fits !== undefined) return fits;
  if (isFunction && parts[0] === "process") return "process";
  return !isFunction && parts.at(-1) === "handle" ? "handle" : undefined;
};

const functions = new Set([
  "ArrowFunctionExpression",
  "FunctionExpression",
  "FunctionDeclaration",
  "TSDeclareFunction",
]);

/**
 * A file is a thing: `server-process.ts` is one, `process-rows.ts` would do something to any.
 * @param {string} file
 */
const fileWord = (file) => sharedWord(file, false);

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
    const checkShared = (/** @type {any} */ node, isFunction = false) => {
      const word = node?.type === "Identifier" ? sharedWord(node.name, isFunction) : undefined;
      if (word !== undefined) {
        context.report({ node, message: `"${word}" fits anything; name what it is or does` });
      }
    };
    const checkExported = (/** @type {any} */ declaration) => {
      if (declaration?.type === "VariableDeclaration") {
        for (const { id, init } of declaration.declarations)
          for (const name of boundNames(id)) checkShared(name, functions.has(init?.type));
      } else if (declaration) checkShared(declaration.id, functions.has(declaration.type));
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
        const file = basename(context.filename).split(".")[0] ?? "";
        const word = bannedWord(basename(context.filename)) ?? fileWord(file);
        if (word !== undefined) {
          context.report({
            node,
            message: `"${word}" in a file name fits anything; name its export`,
          });
        }
      },
      ExportNamedDeclaration: (node) => checkExported(node.declaration),
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
