import { issuerId } from "@rekey/domain";
import { Secret } from "@rekey/secret";
import { expect, test } from "vitest";
import { usable } from "./follow.ts";
import { openPostgresRole, postgresRoleOptions } from "./open.ts";

const admin = "file:admin.dsn";
const optionsAt = (host: string, tls?: unknown) => ({
  admin,
  endpoints: [{ name: "primary", host }],
  ...(tls === undefined ? {} : { tls }),
});
const problem = (options: unknown): string | undefined =>
  postgresRoleOptions
    .safeParse(options)
    .error?.issues.map(({ path, message }) => `${path.join(".")}: ${message}`)
    .join("\n");

test.each(["127.0.0.1", "localhost", "::1", "/var/run/postgresql"])(
  "an endpoint at %s needs no TLS",
  (host) => {
    expect(problem(optionsAt(host))).toBeUndefined();
  },
);

test.each(["db.internal", "10.0.0.5", "0.0.0.0", "127.0.0.1.example"])(
  "an endpoint at %s needs TLS, or an explicit word that plain TCP is accepted",
  (host) => {
    expect(problem(optionsAt(host))).toMatch(/^tls: must be set.*plaintext/);
    for (const tls of [{}, { ca: "PEM" }, "plaintext"])
      expect(problem(optionsAt(host, tls))).toBeUndefined();
    expect(problem(optionsAt(host, "off"))).toBeDefined();
  },
);

const call = () => ({ signal: AbortSignal.timeout(5_000), deadlineMs: 5_000, key: "check" });
// 192.0.2.0/24 is for documentation: nobody answers there, and nothing may be sent there.
const elsewhere = Secret.fromUtf8("postgres://rekey:hunter2@192.0.2.1:1/app");
const opened = () =>
  openPostgresRole({
    instance: issuerId("shop"),
    options: postgresRoleOptions.parse(optionsAt("127.0.0.1")),
    resolveSecret: async () => await Promise.resolve(elsewhere),
  });

test("an admin DSN that leads to another machine is refused before anything is sent, and its text quotes nothing of it", async () => {
  const issuer = opened();
  const refused = await issuer.check(call()).catch((error: unknown) => error);
  expect(refused).toMatchObject({ code: "CONFIG_MISSING", providerCode: "PLAINTEXT" });
  expect(String(refused)).not.toMatch(/hunter2|192/);
  await issuer.close();
});

test("with TLS, or where plain TCP is accepted, it is used, and so is one of this machine without", () => {
  expect(usable(elsewhere, true)).toBe(elsewhere);
  for (const host of ["127.0.0.1:1", "localhost", "LOCALHOST", "[::1]:1", "%2Frun%2Fpg"]) {
    const here = Secret.fromUtf8(`postgres://rekey:hunter2@${host}/app`);
    expect(usable(here, false)).toBe(here);
  }
});
