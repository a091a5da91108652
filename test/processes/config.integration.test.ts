import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { failpointVariable } from "./failpoint.fixture.ts";
import { openInstallation, type Installation } from "./installation.fixture.ts";
import { spawnRekey } from "./rekey-process.fixture.ts";

let installation: Installation;

// Nothing is started, so nobody listens there.
const nowhere = { port: 1, adminUrl: "postgres://a:b@127.0.0.1:1/x" };

beforeAll(async () => {
  installation = await openInstallation(nowhere);
});

afterAll(async () => await installation.close());

const refusedBecause = async (changes: Readonly<Record<string, unknown>>): Promise<string> => {
  await installation.configure(changes);
  const started = installation.spawn();
  expect(await started.ended).toBe(2);
  expect(await readdir(installation.folder)).not.toContain("rekey");
  return started.output().stderr;
};

test("every problem of the file is told with its path, and nothing is started", async () => {
  const text = await refusedBecause({
    postgresPort: 70_000,
    dataDirectory: "x",
    watchAfter: ["soon"],
    producers: { "Bad Name": {} },
  });
  expect(text).toContain("the configuration has 4 problems");
  for (const path of ["postgresPort", "dataDirectory", "watchAfter[0]", "producers.Bad Name"])
    expect(text).toContain(`\n  ${path}: `);
});

test("what only the parts can tell is told together, and nothing is started", async () => {
  const missing = join(installation.folder, "missing");
  const endpoints = [{ name: "primary", host: "127.0.0.1", port: 5_432 }];
  const text = await refusedBecause({
    producers: { scanner: { format: "telepathy" } },
    issuers: {
      unknown: { kind: "oracle", options: {} },
      strange: {
        kind: "postgres-role",
        options: { admin: "env:NOT_SET", endpoint: "x", endpoints },
      },
      misplaced: {
        kind: "postgres-role",
        options: { admin: "postgres://a:hunter2@db/x", endpoints },
      },
    },
    stores: {
      documents: { kind: "sealed-file", options: { root: "/x", identities: [`file:${missing}`] } },
    },
  });
  const paths = text.split("\n").flatMap((line) => /^ {2}([^:]+): /.exec(line)?.[1] ?? []);
  expect(paths.sort()).toEqual([
    "issuers.misplaced.options.admin",
    "issuers.strange.options.admin",
    "issuers.strange.options.endpoint",
    "issuers.unknown.kind",
    "producers.scanner.format",
    "stores.documents.options.identities[0]",
  ]);
  expect(text).not.toContain("hunter2");
});

test("problems of the schema hide none that only the parts can tell, and all are in plain words", async () => {
  const endpoints = [{ name: "primary", host: "127.0.0.1", port: 5_432 }];
  const text = await refusedBecause({
    postgresPort: 70_000,
    dataDir: "",
    watchAfter: ["soon"],
    issuers: {
      nameless: { options: {} },
      unknown: { kind: "nope", options: {}, control: { settings: {} } },
      unset: { kind: "postgres-role", options: { admin: "env:NOPE", endpoints } },
      nowhere: { kind: "postgres-role", options: { admin: "env:NOPE", endpoints: [] } },
    },
  });
  for (const line of [
    "postgresPort: must be at most 65535",
    "dataDir: must not be empty",
    "issuers.nameless.kind: is missing: must be text",
    "issuers.unknown.control.store: is missing: must be a map",
    "issuers.unknown.kind: must be one of postgres-role",
    "issuers.unset.options.admin: ",
    "issuers.nowhere.options.endpoints: must not be empty",
  ])
    expect(text).toContain(`\n  ${line}`);
  expect(text).not.toMatch(/expected|Invalid|Too /);
});

test("a file that is not there is named", async () => {
  await installation.configure({});
  const started = spawnRekey({
    configFile: join(installation.folder, "other.yaml"),
    environment: { [failpointVariable]: installation.failpoint },
  });
  expect(await started.ended).toBe(2);
  expect(started.output().stderr).toContain("other.yaml: cannot be read (ENOENT)");
});

test("a reference to a store is refused with its path, wherever it stands", async () => {
  const endpoints = [{ name: "primary", host: "127.0.0.1", port: 5_432 }];
  const text = await refusedBecause({
    pepper: { id: "p1", key: "store:documents/pepper#key" },
    issuers: {
      main: { kind: "postgres-role", options: { admin: "store:documents/a#b", endpoints } },
    },
  });
  expect(text).toContain("the configuration has 2 problems");
  for (const path of ["pepper.key", "issuers.main.options.admin"])
    expect(text).toContain(`\n  ${path}: `);
});
