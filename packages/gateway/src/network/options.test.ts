import {
  configReference,
  type ConfigFault,
  createSecretSources,
  parseConfig,
  systemClock,
} from "@rekey/runtime";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createTestAuthority } from "@rekey/testkit";
import { expect, test } from "vitest";
import { openBench } from "../bench.fixture.ts";
import { gatewayListenOptions } from "./options.ts";

const people = {
  issuer: "https://login.example.org",
  audience: ["rekey"],
  keysUrl: "https://login.example.org/keys",
  roles: { admins: ["operator", "approver"] },
};
const tls = { certificate: "/etc/rekey/tls.crt", key: "file:/etc/rekey/tls.key" };
const tcp = { tls };

const problemsOf = (content: Record<string, unknown>): readonly string[] => {
  try {
    parseConfig({
      schema: gatewayListenOptions,
      text: JSON.stringify(content),
      environment: {},
    });
    return [];
  } catch (error) {
    return (error as ConfigFault).problems.map(({ path, text }) => `${path}: ${text}`);
  }
};

test("a whole configuration is taken, and so is none", () => {
  expect(problemsOf({})).toEqual([]);
  expect(problemsOf({ tcp, jwt: { people } })).toEqual([]);
  expect(problemsOf({ tcp: { host: "127.0.0.1", insecure: true }, jwt: { people } })).toEqual([]);
  const mtls = { roles: { "spiffe://example.org/ci": ["operator"] } };
  const door = { tls: { ...tls, clientCa: "/ca.crt" } };
  expect(problemsOf({ tcp: door, mtls })).toEqual([]);
  const producing = { roles: { "spiffe://example.org/ci": ["producer", "viewer"] } };
  expect(problemsOf({ tcp: door, jwt: { people }, mtls: producing })).toEqual([]);
});

test.each([
  ["no TLS", { tcp: {}, jwt: { people } }, /^tcp\.tls: is missing: .*insecure: true/],
  [
    "plain HTTP for everybody",
    { tcp: { insecure: true }, jwt: { people } },
    /^tcp\.host: plain HTTP is served on a loopback address only/,
  ],
  [
    "TLS and plain HTTP",
    { tcp: { host: "::1", insecure: true, tls }, jwt: { people } },
    /^tcp\.insecure: /,
  ],
  ["nobody who could ask", { tcp }, /^jwt: nobody could ask/],
  ["people without a door", { jwt: { people } }, /^tcp: is missing/],
  ["certificates without an authority", { tcp, mtls: {} }, /^tcp\.tls\.clientCa: is missing/],
  [
    "an authority for nobody",
    { tcp: { tls: { ...tls, clientCa: "/ca" } }, jwt: { people } },
    /^mtls: is missing/,
  ],
  [
    "two places of keys",
    { tcp, jwt: { people: { ...people, keysFile: "/k" } } },
    /^jwt\.people: set keysUrl or keysFile/,
  ],
  [
    "keys in the clear",
    { tcp, jwt: { people: { ...people, keysUrl: "http://login.example.org/k" } } },
    /^jwt\.people\.keysUrl: must be https/,
  ],
  [
    "one issuer twice",
    { tcp, jwt: { people, again: { ...people, roles: {} } } },
    /^jwt\.again\.issuer: another entry/,
  ],
  [
    "two ways to be an approver",
    { tcp, jwt: { people, ci: { ...people, issuer: "https://ci.example.org" } } },
    /^jwt\.ci\.roles: another way gives the role approver too/,
  ],
  [
    "an operator by certificate, who may be an approver by token",
    {
      tcp: { tls: { ...tls, clientCa: "/ca" } },
      jwt: { people },
      mtls: { roles: { "spiffe://example.org/ann": ["viewer", "operator"] } },
    },
    /^mtls\.roles: gives the role operator, and jwt\.people\.roles gives approver: one person could/,
  ],
  [
    "an owner by another issuer than the approvers'",
    {
      tcp,
      jwt: {
        ci: { ...people, issuer: "https://ci.example.org", roles: { all: ["owner"] } },
        people,
      },
    },
    /^jwt\.ci\.roles: gives the role owner, and jwt\.people\.roles gives approver/,
  ],
  [
    "an address that is none",
    { tcp, jwt: { people: { ...people, keysUrl: "nonsense" } } },
    /^jwt\.people\.keysUrl: /,
  ],
  [
    "a shared key",
    { tcp, jwt: { people: { ...people, algorithms: ["HS256"] } } },
    /^jwt\.people\.algorithms\[0\]: /,
  ],
  [
    "no signature",
    { tcp, jwt: { people: { ...people, algorithms: ["none"] } } },
    /^jwt\.people\.algorithms\[0\]: /,
  ],
  [
    "a role that is none",
    { tcp, jwt: { people: { ...people, roles: { a: ["root"] } } } },
    /^jwt\.people\.roles\.a\[0\]: /,
  ],
  [
    "a workload's role for people",
    { tcp, jwt: { people: { ...people, roles: { a: ["consumer"] } } } },
    /^jwt\.people\.roles\.a\[0\]: /,
  ],
])("%s is refused with its reason", (_name, content, problem) => {
  const problems = problemsOf(content);
  expect(problems).toHaveLength(1);
  expect(problems[0]).toMatch(problem);
});

test("every setting says what it does, and every default why", () => {
  for (const row of configReference(gatewayListenOptions)) {
    if (row.default !== undefined) expect([row.path, row.reason]).not.toEqual([row.path, ""]);
    if (!row.path.endsWith(">")) expect([row.path, row.description]).not.toEqual([row.path, ""]);
  }
});

test("files that cannot be used stop the start, and nothing listens", async () => {
  const folder = await mkdtemp(join(tmpdir(), "rekey-tls-"));
  const [certificate, key, socketPath] = ["tls.crt", "tls.key", "rekey.sock"].map((name) =>
    join(folder, name),
  ) as [string, string, string];
  const authority = await createTestAuthority("servers");
  const [one, two] = await Promise.all([
    authority.issue({ name: "a" }),
    authority.issue({ name: "b" }),
  ]);
  const { gateway } = openBench();
  const listening = async (): Promise<unknown> => {
    const { tcp: parsed, jwt } = gatewayListenOptions.parse({
      tcp: { host: "127.0.0.1", port: 0, tls: { certificate, key: `file:${key}` } },
      jwt: { people },
    });
    const secretSource = createSecretSources({ environment: {}, clock: systemClock });
    return await gateway.listen({ socketPath, network: { tcp: parsed!, jwt, secretSource } });
  };
  await expect(listening()).rejects.toThrow(
    `gateway.tcp.tls.certificate: ${certificate} cannot be read (ENOENT)`,
  );
  await writeFile(certificate, "nothing");
  await expect(listening()).rejects.toThrow("holds no certificate in PEM");
  await writeFile(certificate, one.certificate);
  await expect(listening()).rejects.toThrow(
    `gateway.tcp.tls.key: file:${key} cannot be read (ENOENT)`,
  );
  await writeFile(key, two.key);
  await expect(listening()).rejects.toThrow(
    "gateway.tcp.tls.key: does not belong to the certificate",
  );
  await writeFile(key, one.key);
  await expect(listening()).resolves.toMatchObject({ port: expect.any(Number) });
  await gateway.close();
  await expect(openBench().gateway.listen({})).rejects.toThrow("gateway: set socket, tcp, or both");
  await rm(folder, { recursive: true });
});
