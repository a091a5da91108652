const scheme = String.raw`^[a-z][a-z0-9+.-]*:(?:[a-z][a-z0-9+.-]*:)?//`;

/**
 * What a scanner's finding may be, best first: the connection string without the quotes and punctuation that
 * scanners take along (secretlint's range ends behind `";`), the finding as it is, the passwords in it.
 */
export const readingsOf = (text: string): readonly string[] => {
  const trimmed = withoutTrailer(text);
  return [...new Set([trimmed, text, ...passwordsIn(trimmed), ...passwordsIn(text)])];
};

/** The connection string that stands somewhere in a text, from its scheme on; undefined where there is none. */
export const connectionStringIn = (text: string): string | undefined =>
  /(?<![a-z0-9+.-])[a-z][a-z0-9+.-]{1,31}:\/\/.*/is.exec(text)?.[0];

/** Most readings of where the password is that are looked up. */
const readingsMax = 4;

/**
 * The passwords a connection string may hold, each as written and percent-decoded. Where a password has
 * unescaped `@` or `/` in it there is more than one way to read the string: all of them are given, since a
 * wrong one has a fingerprint that matches nothing. Empty for text that is no connection string.
 */
export const passwordsIn = (text: string): readonly string[] => {
  const written = [inAuthority(text), greedy(text), inQuery(text)].filter(
    (password): password is string => password !== undefined && password !== "",
  );
  const readings = written.flatMap((password) => [decoded(password), password]);
  return [...new Set(readings)].filter((password) => password !== text).slice(0, readingsMax);
};

// A quote or a blank cannot stand in a URL unescaped.
const withoutTrailer = (text: string): string =>
  new RegExp(`${scheme}[^"'\`<>\\s]+`, "i").exec(text)?.[0].replace(/[;,)\]}]+$/, "") ?? text;

/** `user:password@host`, up to the last `@` before the path. */
const inAuthority = (text: string): string | undefined =>
  new RegExp(`${scheme}[^:@/?#]*:([^/?#]*)@`, "i").exec(text)?.[1];

/** Up to the last `@` at all. */
const greedy = (text: string): string | undefined =>
  new RegExp(`${scheme}[^:@/?#]*:(.*)@`, "is").exec(text)?.[1];

const inQuery = (text: string): string | undefined =>
  new RegExp(`${scheme}[^?]*\\?(?:.*&)?(?:password|pwd)=([^&#]*)`, "i").exec(text)?.[1];

function decoded(password: string): string {
  try {
    return decodeURIComponent(password);
  } catch {
    return password;
  }
}
