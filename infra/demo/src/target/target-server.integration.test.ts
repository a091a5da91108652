import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { logIn, withWrongPassword } from "./connect.ts";
import { openShop, type Shop } from "./shop.fixture.ts";
import { orphansAmong } from "./witness.ts";

let shop: Shop;
const role = "planted_1";

beforeAll(async () => {
  shop = await openShop();
  await shop.addRole(role);
}, 60_000);
afterAll(() => shop.close());

describe("a login", () => {
  test("with the right password is alive and says who it is", async () => {
    expect(await logIn(shop.url(role))).toEqual({ answer: "alive", role });
  });

  test("with a wrong password, or of a role that is not there, is refused", async () => {
    const refused = { answer: "refused", code: "28P01" };
    expect(await logIn(withWrongPassword(shop.url(role)))).toEqual(refused);
    expect(await logIn(shop.url("nobody"))).toEqual(refused);
  });

  test("of a role that may not log in any more is refused with the server's strong answer", async () => {
    await shop.suspend(role);
    expect(await logIn(shop.url(role))).toEqual({ answer: "refused", code: "28000" });
    await shop.run(`alter role ${role} login`);
  });

  test("where nobody listens is unknown, and so is a database that is not there", async () => {
    const nobody = await logIn(shop.url(role, { port: 1 }));
    expect(nobody).toEqual({ answer: "unknown", code: "ECONNREFUSED" });
    const elsewhere = await logIn(shop.url(role, { database: "no" }));
    expect(elsewhere).toEqual({ answer: "unknown", code: "3D000" });
  });
});

describe("the witness", () => {
  test("sees a role that nobody accounts for", async () => {
    const marked = await shop.target.witness.markedRoles();
    expect(marked).toMatchObject([{ name: role, canLogin: true, credential: "payments-db" }]);
    expect(orphansAmong(marked, new Set())).toEqual([role]);
    expect(orphansAmong(marked, new Set([role]))).toEqual([]);
  });

  test("lists who may log in as a group, and no longer who may not", async () => {
    expect(await shop.target.witness.loginsOf("payments_app")).toEqual([role]);
    await shop.suspend(role);
    expect(await shop.target.witness.loginsOf("payments_app")).toEqual([]);
    await shop.run(`alter role ${role} login`);
  });

  test("counts every time the server made a role", async () => {
    // The server writes its log to a pipe: the line may come after the answer.
    await expect.poll(() => shop.target.timesCreated(role)).toBe(1);
    expect(shop.target.timesCreated("planted")).toBe(0);
  });

  test("leaves a file that would show a password sent in the clear, and not the admin's own", async () => {
    await expect.poll(() => shop.log()).toContain(`create role ${role} login password 'planted'`);
    const log = await shop.log();
    expect(log).not.toContain("create role rekey_admin");
  });
});

test("Rekey's own role is not a superuser", async () => {
  const sql = "select rolsuper, rolcreaterole from pg_roles where rolname = current_user";
  expect(await shop.run(sql)).toEqual([{ rolsuper: false, rolcreaterole: true }]);
});
