/** What may stand between braces in a template: `secret`, `version` or a name of the material's fields. */
const placeholder = /\{\{|\}\}|\{([A-Za-z][A-Za-z0-9_-]{0,62})\}|[{}]/g;
const urlScheme = /^[A-Za-z][A-Za-z0-9+.-]*:\/\//;
const leftByEncodeUriComponent = /[!'()*]/g;

export type TemplateValues = Readonly<Record<string, string>>;

export type Rendered =
  | { readonly text: string }
  /** The placeholder that the material does not know, or `syntax` for a lone brace. */
  | { readonly problem: string };

/** Fills a template; `{{` and `}}` are literal braces. After a URL scheme values are percent-encoded. */
export const renderTemplate = (template: string, values: TemplateValues): Rendered => {
  const encode = urlScheme.test(template) ? percentEncode : asIs;
  let problem: string | undefined;
  const text = template.replaceAll(placeholder, (found: string, name: string | undefined) => {
    if (found === "{{" || found === "}}") return found.slice(1);
    if (name === undefined) problem ??= "syntax";
    else if (!Object.hasOwn(values, name)) problem ??= name;
    else return encode(values[name] ?? "");
    return "";
  });
  return problem === undefined ? { text } : { problem };
};

/** The placeholders of a template; undefined when a brace stands alone. */
export const placeholdersOf = (template: string): readonly string[] | undefined => {
  const found = [...template.matchAll(placeholder)].filter(([text]) => text.length > 0);
  if (found.some(([text]) => text === "{" || text === "}")) return undefined;
  return found.flatMap(([, name]) => (name === undefined ? [] : [name]));
};

/** RFC 3986 unreserved characters stay, everything else becomes %XX, so that every URL parser gives the value back. */
const percentEncode = (value: string): string =>
  encodeURIComponent(value.toWellFormed()).replaceAll(
    leftByEncodeUriComponent,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );

const asIs = (value: string): string => value;
