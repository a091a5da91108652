import { Fault } from "@rekey/domain";
import { silentLog } from "@rekey/runtime";
import { expect, test } from "vitest";
import { judgeSchema, requireSchema } from "./schema.ts";

const state = (missing: readonly string[], newer: readonly string[]) => ({
  schema: async () => ({ missing, newer }),
});

test("a process whose migrations never ran does not start, and doctor names them", async () => {
  const old = state(["0007_world", "0008_peppers"], []);
  await expect(requireSchema(old, silentLog)).rejects.toMatchObject({ code: "LEDGER_SCHEMA_OLD" });
  expect(await judgeSchema(old)).toMatchObject([
    { ok: false, found: expect.stringContaining("0007_world, 0008_peppers") as string },
  ]);
});

test("beside a newer build's migrations it starts, and doctor says so", async () => {
  const newer = state([], ["0099_newer"]);
  await expect(requireSchema(newer, silentLog)).resolves.toBeUndefined();
  expect(await judgeSchema(newer)).toMatchObject([
    { ok: true, found: "newer than this build by 0099_newer" },
  ]);
});

test("a ledger that does not answer is said by the check of the ledger alone", async () => {
  const schema = () => Promise.reject(new Fault("LEDGER_UNREACHABLE"));
  expect(await judgeSchema({ schema })).toEqual([]);
});
