import { fixedSource } from "@rekey/runtime";
import { expect, test } from "vitest";
import type { ServiceConfig } from "../config/service.ts";
import { serviceProblems } from "./requirements.ts";

const problemsOf = async (url: string) => {
  const config = {
    ledger: { url: { kind: "env", name: "LEDGER_URL" } },
    kafka: {},
  } as unknown as ServiceConfig;
  return await serviceProblems(config, ["relay"], () => fixedSource(url));
};
const elsewhere = "postgres://rekey:hunter2@ledger.internal:5432/rekey";

test("no service starts that would send the ledger's password to another machine in the clear, unasked", async () => {
  const [problem, ...more] = await problemsOf(elsewhere);
  expect(problem?.path).toBe("ledger.url");
  expect(problem?.text).toMatch(/sslmode=verify-full.*sslmode=disable/);
  expect(problem?.text).not.toContain("hunter2");
  expect(more).toEqual([]);
});

test.each(["?sslmode=verify-full", "?sslmode=disable"])(
  "one that says %s starts, as does one on this machine",
  async (how) => {
    expect(await problemsOf(`${elsewhere}${how}`)).toEqual([]);
    expect(await problemsOf("postgres://rekey:hunter2@127.0.0.1:5432/rekey")).toEqual([]);
  },
);
