import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { placeholdersOf, renderTemplate } from "./template.ts";

const text = fc.string({ unit: "grapheme", maxLength: 24 });

describe("a field's template", () => {
  it("gives any secret exactly when the field is the secret alone", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (secret) => {
        expect(renderTemplate("{secret}", { secret })).toEqual({ text: secret });
      }),
    );
  });

  it("makes a URL that every parser takes apart into the same values", () => {
    fc.assert(
      fc.property(text, text, (username, secret) => {
        const template =
          "postgresql://{username}:{secret}@db.internal:5432/app?sslmode=verify-full";
        const rendered = renderTemplate(template, { username, secret });
        const url = new URL("text" in rendered ? rendered.text : "");
        expect(decodeURIComponent(url.username)).toBe(username);
        expect(decodeURIComponent(url.password)).toBe(secret);
        expect([url.host, url.pathname, url.search]).toEqual([
          "db.internal:5432",
          "/app",
          "?sslmode=verify-full",
        ]);
      }),
    );
  });

  it("never fills a placeholder that came in with a value", () => {
    const rendered = renderTemplate("{username}/{secret}", { username: "{secret}", secret: "s" });
    expect(rendered).toEqual({ text: "{secret}/s" });
  });

  it("keeps doubled braces as braces and refuses a lone one", () => {
    expect(renderTemplate('{{"key":"{secret}"}}', { secret: "s" })).toEqual({
      text: '{"key":"s"}',
    });
    for (const template of ["{", "a}", "{ secret }", "{}", "{{secret}"]) {
      expect(renderTemplate(template, { secret: "s" })).toEqual({ problem: "syntax" });
      expect(placeholdersOf(template)).toBeUndefined();
    }
  });

  it("names a placeholder that the material does not have", () => {
    expect(renderTemplate("{constructor}", { secret: "s" })).toEqual({ problem: "constructor" });
    expect(placeholdersOf("{secret}@{host}")).toEqual(["secret", "host"]);
  });
});
