import fc from "fast-check";
import { expect, test } from "vitest";
import { z } from "zod";
import { configReference } from "./config-reference.ts";
import { ConfigFault } from "./fault.ts";
import { parseConfig } from "./parse-config.ts";
import {
  duration,
  parseReference,
  parseSize,
  secretReference,
  size,
  withDefault,
} from "./settings.ts";

const schema = z.strictObject({
  ledger: z.strictObject({
    url: secretReference().meta({ description: "connection string of the ledger" }),
    connectionsMax: withDefault(z.int().min(1).max(50), {
      default: 8,
      description: "connections at most",
      reason: "every process has several pools",
    }),
    holdMs: withDefault(duration({ min: "1 s", max: "1 m" }), {
      default: "15 s",
      description: "how long a claim lasts",
      reason: "three renewals fit",
    }),
  }),
  bodyMaxBytes: withDefault(size({ max: "16 MiB" }), {
    default: "1 MiB",
    description: "longest body",
    reason: "the largest webhook seen has 300 KiB",
  }),
  kinds: z.array(z.enum(["intake", "relay"])).optional(),
  stores: z
    .record(
      z.string(),
      z.discriminatedUnion("kind", [
        z.strictObject({ kind: z.literal("file"), folder: z.string() }),
        z.strictObject({ kind: z.literal("vault"), token: secretReference(), tls: z.boolean() }),
      ]),
    )
    .prefault({}),
});

const minimal = "ledger: { url: 'env:LEDGER_URL' }";

function problemsOf(text: string, environment = {}): Record<string, string> {
  try {
    parseConfig({ schema, text, environment });
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigFault);
    return Object.fromEntries((error as ConfigFault).problems.map((p) => [p.path, p.text]));
  }
  return {};
}

test("defaults are applied with their units", () => {
  expect(parseConfig({ schema, text: minimal, environment: {} })).toEqual({
    ledger: { url: { kind: "env", name: "LEDGER_URL" }, connectionsMax: 8, holdMs: 15_000 },
    bodyMaxBytes: 1_048_576,
    stores: {},
  });
});

test("the environment lies over the file, text as it is and all else as YAML", () => {
  const environment = {
    REKEY_LEDGER__URL: "file:/run/secrets/ledger",
    REKEY_LEDGER__HOLD_MS: "30 s",
    REKEY_LEDGER__CONNECTIONS_MAX: "12",
    REKEY_KINDS: "[intake, relay]",
    REKEY_STORES: '{"main": {"kind": "file", "folder": "/data"}}',
    REKEY_CONFIG: "/etc/rekey.yaml",
    UNRELATED: "x",
  };
  expect(parseConfig({ schema, text: minimal, environment })).toMatchObject({
    ledger: { url: { path: "/run/secrets/ledger" }, connectionsMax: 12, holdMs: 30_000 },
    kinds: ["intake", "relay"],
    stores: { main: { kind: "file", folder: "/data" } },
  });
});

test("every problem is reported at once, each with its path", () => {
  const text = `
    ledger: { url: postgres://user:cNry7@host/db, connectionsMax: 99, holdMs: 15, holdMax: 1 }
    bodyMaxBytes: 1 GiB
    kinds: [intake, gateway]
    stores: { main: { kind: vault, token: cNry7, tls: maybe }, other: { kind: none } }
    extra: true`;
  const problems = problemsOf(text, { REKEY_LEGDER__URL: "env:X" });
  expect(Object.keys(problems).toSorted()).toEqual(
    [
      "REKEY_LEGDER__URL",
      "bodyMaxBytes",
      "extra",
      "kinds[1]",
      "ledger.connectionsMax",
      "ledger.holdMax",
      "ledger.holdMs",
      "ledger.url",
      "stores.main.tls",
      "stores.main.token",
      "stores.other.kind",
    ].toSorted(),
  );
  expect(problems["bodyMaxBytes"]).toBe("must be at most 16 MiB");
  expect(problems["extra"]).toBe("is not a setting");
  expect(JSON.stringify(problems)).not.toContain("cNry7");
});

test("what is wrong is told in plain words", () => {
  const wanted = z.strictObject({
    name: z.string().min(1),
    words: z.array(z.string()).min(2),
    count: z.int().max(5),
    on: z.boolean(),
    kind: z.enum(["a", "b"]),
    key: z.string().startsWith("age1"),
    own: z.string().min(3, "must be long"),
    there: z.string(),
    named: z.record(z.string().regex(/^[a-z]+$/), z.number()),
  });
  const text = `{ name: "", words: [x], count: 6, on: 1, kind: c, key: x, own: a, named: { A1: 1 } }`;
  try {
    parseConfig({ schema: wanted, text, environment: {} });
    expect.unreachable();
  } catch (error) {
    expect((error as ConfigFault).problems).toEqual([
      { path: "name", text: "must not be empty" },
      { path: "words", text: "must have at least 2 entries" },
      { path: "count", text: "must be at most 5" },
      { path: "on", text: "must be true or false" },
      { path: "kind", text: "must be one of a, b" },
      { path: "key", text: "must start with age1" },
      { path: "own", text: "must be long" },
      { path: "there", text: "is missing: must be text" },
      { path: "named.A1", text: "is no name that can be used here: must match /^[a-z]+$/" },
    ]);
  }
});

test("what has no problem is still there for further checks, and only that", () => {
  const text = `
    ledger: { url: "env:A", connectionsMax: 99 }
    kinds: [intake, gateway]
    stores: { bad: { kind: vault, tls: maybe }, good: { kind: file, folder: /x } }
    extra: true`;
  try {
    parseConfig({ schema, text, environment: {} });
    expect.unreachable();
  } catch (error) {
    expect((error as ConfigFault).sound).toMatchObject({
      ledger: { url: { name: "A" }, connectionsMax: 8 },
      kinds: ["intake"],
      stores: { good: { folder: "/x" } },
    });
    expect((error as ConfigFault).sound).not.toHaveProperty(["stores", "bad"]);
  }
});

test("a variable that a reference names is no unknown variable", () => {
  const text = "ledger: { url: 'env:REKEY_LEDGER_URL' }";
  expect(problemsOf(text, { REKEY_LEDGER_URL: "postgres://" })).toEqual({});
  expect(problemsOf(minimal, { REKEY_LEDGER_URL: "postgres://" })).not.toEqual({});
});

test.each([
  ["a list", "[1, 2]"],
  ["broken YAML", "ledger: { url: 'cNry7"],
  ["a key twice", "ledger: {}\nledger: {}"],
  ["an alias", "a: &a [1]\nb: *a"],
])("%s is one problem without an excerpt", (_, text) => {
  const problems = problemsOf(text);
  expect(Object.keys(problems).length).toBeGreaterThan(0);
  expect(JSON.stringify(problems)).not.toContain("cNry7");
});

test("a schema that lets unknown keys pass is our bug, found at start", () => {
  const loose = z.strictObject({ inner: z.object({ a: z.string() }) });
  expect(() => parseConfig({ schema: loose, environment: {} })).toThrow(/use z.strictObject/);
});

test("the reference names every setting with type, default, reason and variable", () => {
  const rows = Object.fromEntries(configReference(schema).map((row) => [row.path, row]));
  expect(Object.keys(rows)).toEqual([
    "ledger.url",
    "ledger.connectionsMax",
    "ledger.holdMs",
    "bodyMaxBytes",
    "kinds",
    "stores",
    "stores.<name>(kind=file).kind",
    "stores.<name>(kind=file).folder",
    "stores.<name>(kind=vault).kind",
    "stores.<name>(kind=vault).token",
    "stores.<name>(kind=vault).tls",
  ]);
  expect(rows["ledger.holdMs"]).toEqual({
    path: "ledger.holdMs",
    type: "duration",
    default: "15 s",
    isRequired: false,
    description: "how long a claim lasts",
    reason: "three renewals fit",
    variable: "REKEY_LEDGER__HOLD_MS",
  });
  expect(rows["ledger.url"]).toMatchObject({ type: "secret reference", isRequired: true });
  expect(rows["kinds"]).toMatchObject({ type: "list of intake | relay", isRequired: false });
  expect(rows["stores.<name>(kind=vault).tls"]).toMatchObject({ variable: undefined });
});

test("sizes are whole numbers with a unit, and nothing else", () => {
  expect([parseSize("64 KiB"), parseSize("1MiB"), parseSize("0 B")]).toEqual([
    65_536, 1_048_576, 0,
  ]);
  for (const text of ["1", "1 MB", "-1 B", "1.5 MiB", " 1 B", "1 B "]) {
    expect(parseSize(text)).toBeUndefined();
  }
});

test("who writes no reference is told of those that a process can read, and is not quoted", () => {
  const [issue] = secretReference().safeParse("hunter2").error?.issues ?? [];
  expect(issue?.message).toBe("must be env:NAME or file:path");
});

test("a reference parses exactly when it has one of the three forms", () => {
  expect(parseReference("store:main/team/db#password")).toEqual({
    kind: "store",
    store: "main",
    address: "team/db",
    field: "password",
  });
  for (const text of ["env:", "env:1A", "env:A B", "file:", "store:a#b", "store:a/b", "plain"]) {
    expect(parseReference(text)).toBeUndefined();
  }
  fc.assert(
    fc.property(fc.string(), (text) => {
      const reference = parseReference(text);
      expect(reference === undefined || /^(env|file|store):/.test(text)).toBe(true);
    }),
  );
});
