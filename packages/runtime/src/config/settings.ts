import { durationShape, parseDuration } from "@rekey/domain";
import { z } from "zod";

declare module "zod" {
  interface GlobalMeta {
    /** Why the default is what it is. */
    reason?: string;
    /** What a person writes, where the schema alone does not tell: `duration`, `size`, … */
    written?: string;
  }
}

type Range = { readonly min?: string; readonly max?: string };

const sizeUnits = { B: 1, KiB: 1_024, MiB: 1_048_576, GiB: 1_073_741_824 } as const;
const sizePattern = /^([0-9]{1,12}) ?(B|KiB|MiB|GiB)$/;
const sizeShape = "must be a whole number and a unit (B, KiB, MiB or GiB), such as 1 MiB";
const variableName = "[A-Za-z_][A-Za-z0-9_]*";

/** `30 s`, `500 ms`, `24 h` → milliseconds. Limits are written the same way. */
export function duration(range: Range = {}) {
  return quantity({ parse: parseDuration, shape: durationShape, written: "duration", range });
}

/** `64 KiB`, `1 MiB` → bytes. */
export function size(range: Range = {}) {
  return quantity({ parse: parseSize, shape: sizeShape, written: "size", range });
}

export function parseSize(text: string): number | undefined {
  const match = sizePattern.exec(text);
  if (match === null) return undefined;
  const bytes = Number(match[1]) * sizeUnits[match[2] as keyof typeof sizeUnits];
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}

/** Where a secret is, never what it is. */
export type SecretReference =
  | { readonly kind: "env"; readonly name: string }
  | { readonly kind: "file"; readonly path: string }
  | {
      readonly kind: "store";
      readonly store: string;
      readonly address: string;
      readonly field: string;
    };

/** `env:NAME`, `file:path` or `store:<store>/<address>#<field>`. */
export function secretReference() {
  return z
    .string()
    .transform((text, context): SecretReference => {
      const reference = parseReference(text);
      if (reference !== undefined) return reference;
      // The text may be the secret itself, written by mistake: it is not repeated.
      const message = "must be env:NAME or file:path";
      context.addIssue({ code: "custom", message });
      return z.NEVER;
    })
    .meta({ written: "secret reference" });
}

export function parseReference(text: string): SecretReference | undefined {
  const env = new RegExp(`^env:(${variableName})$`).exec(text);
  if (env !== null) return { kind: "env", name: env[1]! };
  const file = /^file:(.+)$/.exec(text);
  if (file !== null) return { kind: "file", path: file[1]! };
  const store = /^store:([^/#]+)\/([^#]+)#([^#]+)$/.exec(text);
  if (store === null) return undefined;
  return { kind: "store", store: store[1]!, address: store[2]!, field: store[3]! };
}

/** A default (as it would be written in the file) with what it does and why it is that. */
export function withDefault<Schema extends z.ZodType>(
  schema: Schema,
  setting: {
    readonly default: z.input<Schema>;
    readonly description: string;
    readonly reason: string;
  },
): z.ZodPrefault<Schema> {
  const { description, reason } = setting;
  // zod's own type of a prefault excludes undefined, which no written setting is.
  const prefault = schema.prefault(setting.default as never) as z.ZodPrefault<Schema>;
  return prefault.meta({ description, reason });
}

function quantity(options: {
  readonly parse: (text: string) => number | undefined;
  readonly shape: string;
  readonly written: string;
  readonly range: Range;
}) {
  const { parse, shape, written, range } = options;
  const min = bound(range.min, parse) ?? 0;
  const max = bound(range.max, parse) ?? Number.MAX_SAFE_INTEGER;
  return z
    .string({ error: shape })
    .transform((text, context): number => {
      const value = parse(text);
      const message = value === undefined ? shape : outside({ value, min, max, range });
      if (message === undefined) return value as number;
      context.addIssue({ code: "custom", message });
      return z.NEVER;
    })
    .meta({ written });
}

function bound(text: string | undefined, parse: (text: string) => number | undefined) {
  const value = text === undefined ? undefined : parse(text);
  if (text !== undefined && value === undefined) throw new TypeError(`malformed limit: ${text}`);
  return value;
}

function outside(options: {
  readonly value: number;
  readonly min: number;
  readonly max: number;
  readonly range: Range;
}): string | undefined {
  if (options.value < options.min) return `must be at least ${options.range.min}`;
  if (options.value > options.max) return `must be at most ${options.range.max}`;
  return undefined;
}
