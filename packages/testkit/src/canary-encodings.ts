import { gunzipSync, inflateRawSync, inflateSync } from "node:zlib";

export type Needle = {
  readonly encoding: string;
  readonly bytes: Buffer;
  /** Written in either case: hex and percent escapes. `bytes` is then in lower case. */
  readonly anyCase: boolean;
};

export type Layer = { readonly exact: Buffer; readonly lower: Buffer };

const packedMaxBytes = 16 * 1_048_576;
const layersMax = 32;
const coreLength = 20;

/** What to look for: the whole value in each encoding, and its random halves in those that stay readable. */
export function needlesOf(value: string): Needle[] {
  const halves = [value.slice(4, 4 + coreLength), value.slice(-coreLength)];
  const parts = new Map([
    ["whole", value],
    ...halves.map((half, index) => [`half ${index + 1}`, half] as const),
  ]);
  return [...parts].flatMap(([part, text]) =>
    encodingsOf(text).map((needle) => ({ ...needle, encoding: `${needle.encoding}, ${part}` })),
  );
}

/** The bytes themselves and everything compressed inside them, some levels deep. */
export function unpacked(bytes: Buffer): Layer[] {
  const layers: Buffer[] = [];
  const waiting = [bytes];
  while (waiting.length > 0 && layers.length < layersMax) {
    const layer = waiting.pop()!;
    layers.push(layer);
    waiting.push(...packedIn(layer));
  }
  return layers.map((exact) => ({
    exact,
    // Byte by byte: only ASCII letters may change, so that offsets and other bytes stay.
    lower: Buffer.from(
      exact.toString("latin1").replaceAll(/[A-Z]+/g, (run) => run.toLowerCase()),
      "latin1",
    ),
  }));
}

function encodingsOf(text: string): Needle[] {
  const utf8 = Buffer.from(text, "utf8");
  const utf16 = Buffer.from(text, "utf16le");
  const exact: [string, Buffer | string][] = [
    ["raw", utf8],
    ["latin1", Buffer.from(text, "latin1")],
    ["utf-16le", utf16],
    ["utf-16be", Buffer.from(utf16).swap16()],
    ["json", JSON.stringify(text).slice(1, -1)],
    ["json twice", JSON.stringify(JSON.stringify(text).slice(1, -1)).slice(1, -1)],
    ...base64Of(utf8).map((encoded) => ["base64", encoded] as [string, string]),
    ...base64Of(utf8).map((encoded) => ["base64url", urlSafe(encoded)] as [string, string]),
    ...base64Of(utf16).map((encoded) => ["base64 of utf-16", encoded] as [string, string]),
  ];
  const anyCase: [string, string][] = [
    ["hex", utf8.toString("hex")],
    ["url", encodeURIComponent(text)],
    ["form", new URLSearchParams({ "": text }).toString().slice(1)],
    ["json, ascii only", asciiJson(text)],
  ];
  return [
    ...exact.map(([encoding, bytes]) => ({ encoding, bytes: Buffer.from(bytes), anyCase: false })),
    ...anyCase.map(([encoding, encoded]) => ({
      encoding,
      bytes: Buffer.from(encoded.toLowerCase()),
      anyCase: true,
    })),
  ];
}

// Inside a longer text the value may start at any of three places of a base64 group. The
// characters at the ends depend on the neighbours, so they are left out.
function base64Of(bytes: Buffer): string[] {
  return [0, 1, 2].map((shift) => {
    const encoded = Buffer.concat([Buffer.alloc(shift), bytes])
      .toString("base64")
      .replaceAll("=", "");
    const endsMidGroup = (shift + bytes.length) % 3 !== 0;
    return encoded.slice(shift === 0 ? 0 : shift + 1, endsMidGroup ? -1 : undefined);
  });
}

function urlSafe(base64: string): string {
  return base64.replaceAll("+", "-").replaceAll("/", "_");
}

function asciiJson(text: string): string {
  return JSON.stringify(text)
    .slice(1, -1)
    .replaceAll(/[^\x20-\x7e]/g, (character) => {
      return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
    });
}

function packedIn(bytes: Buffer): Buffer[] {
  const found: Buffer[] = [];
  const gzip = Buffer.from([0x1f, 0x8b, 0x08]);
  for (let at = bytes.indexOf(gzip); at >= 0; at = bytes.indexOf(gzip, at + 1)) {
    found.push(...attempt(() => gunzipSync(bytes.subarray(at), limits)));
  }
  if (bytes[0] === 0x78) found.push(...attempt(() => inflateSync(bytes, limits)));
  else if (found.length === 0) found.push(...attempt(() => inflateRawSync(bytes, limits)));
  return found.filter((layer) => layer.length > 0);
}

const limits = { maxOutputLength: packedMaxBytes };

function attempt(unpack: () => Buffer): Buffer[] {
  try {
    return [unpack()];
  } catch {
    return [];
  }
}
