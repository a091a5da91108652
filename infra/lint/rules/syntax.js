/**
 * A syntax node as the linter hands it over: its fields depend on its type, and the linter exports no types for them.
 * @typedef {any} Node
 * @typedef {{ filename: string, report(finding: { node: Node, message: string }): void }} Context
 * @typedef {{ meta: { type: "problem" }, create(context: Context): Record<string, (node: any) => void> }} Rule
 */

/**
 * The name of `a.b`, `a["b"]` or `a[`b`]`; undefined when it is computed at run time.
 * @param {Node} member
 * @returns {string | undefined}
 */
export const memberName = (member) => {
  if (!member.computed) return member.property.name;
  return constantText(member.property);
};

/**
 * The text of a string literal or of a template without holes.
 * @param {Node} node
 * @returns {string | undefined}
 */
export const constantText = (node) => {
  if (node?.type === "Literal" && typeof node.value === "string") return node.value;
  if (node?.type === "TemplateLiteral" && node.expressions.length === 0) {
    return node.quasis[0].value.cooked;
  }
  return undefined;
};

/**
 * `a.b` as "a.b" where both are plain names; undefined otherwise.
 * @param {Node} node
 * @returns {string | undefined}
 */
export const dottedName = (node) => {
  if (node.type === "Identifier") return node.name;
  if (node.type !== "MemberExpression") return undefined;
  const owner = dottedName(node.object);
  const name = memberName(node);
  return owner === undefined || name === undefined ? undefined : `${owner}.${name}`;
};

/**
 * Every identifier that a pattern such as `{ a, b: [c] = [] }` introduces.
 * @param {Node} pattern
 * @returns {Node[]}
 */
export const boundNames = (pattern) => {
  if (!pattern) return [];
  if (pattern.type === "Identifier") return [pattern];
  if (pattern.type === "AssignmentPattern") return boundNames(pattern.left);
  if (pattern.type === "RestElement") return boundNames(pattern.argument);
  if (pattern.type === "ArrayPattern") return pattern.elements.flatMap(boundNames);
  if (pattern.type === "ObjectPattern") {
    return pattern.properties.flatMap((/** @type {Node} */ part) =>
      boundNames(part.type === "Property" ? part.value : part),
    );
  }
  return [];
};
