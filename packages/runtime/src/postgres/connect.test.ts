import { expect, test } from "vitest";
import { fixedSource, plaintextProblem } from "./connect.ts";

const problem = async (rest: string) =>
  await plaintextProblem(fixedSource(`postgres://rekey:hunter2@${rest}`));

test.each(["127.0.0.1/rekey", "localhost:5432/rekey", "[::1]:5432/rekey", "/rekey?host=/var/run"])(
  "a connection string to this machine, %s, needs no TLS",
  async (rest) => {
    expect(await problem(rest)).toBeUndefined();
  },
);

test.each(["db.internal/rekey", "10.0.0.5:5432/rekey", "[2001:db8::1]/rekey"])(
  "one to another machine, %s, has to say how",
  async (rest) => {
    expect(await problem(rest)).toMatch(/sslmode=verify-full.*sslmode=disable/);
    expect(await problem(rest)).not.toMatch(/hunter2|db\.internal/);
    for (const sslmode of ["verify-full", "disable"])
      expect(await problem(`${rest}?sslmode=${sslmode}`)).toBeUndefined();
  },
);

test("a malformed one is said elsewhere", async () => {
  expect(await problem("[bad/")).toBeUndefined();
});
