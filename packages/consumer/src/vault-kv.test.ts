import { Secret } from "@rekey/secret";
import {
  createFakeKv,
  createFakeRoleLogin,
  startVaultFake,
  type FakeRole,
  type VaultFake,
} from "@rekey/vault-client/fake";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { eventually, never, recorder, useWorkload } from "./bench.fixture.ts";
import { systemClock } from "./system-clock.ts";
import { vaultKvReader } from "./vault-kv.ts";

const { movedTo, place, start } = useWorkload();
const document = "team/app";

let vault: VaultFake;
let role: FakeRole;
beforeEach(async () => {
  vault = await startVaultFake({ clock: systemClock });
  vault.core.mount("secret", createFakeKv());
  vault.core.writePolicy("reader", `path "secret/data/${document}" { capabilities = ["read"] }`);
  role = {
    roleId: "payments-api",
    secretIds: new Set(["its secret id"]),
    policies: ["reader"],
    ttlMs: 600_000,
    logins: 0,
  };
  const { tokens } = vault.core;
  vault.core.mount("auth/approle", createFakeRoleLogin({ tokens, role, clock: systemClock }));
  await write(1);
});
afterEach(() => vault.close());

/** What Rekey's promote leaves in the document. */
const write = async (version: number): Promise<void> => {
  const data = { DATABASE_URL: `value-${version}`, DATABASE_VERSION: String(version) };
  const answer = await fetch(`${vault.address}/v1/secret/data/${document}`, {
    method: "POST",
    headers: { "x-vault-token": vault.rootToken },
    body: JSON.stringify({ data }),
  });
  if (!answer.ok) throw new Error(`the fake answered ${answer.status}`);
};

const reader = () =>
  vaultKvReader({
    addresses: [vault.address],
    auth: {
      approle: {
        roleId: role.roleId,
        secretId: async () => Secret.fromUtf8([...role.secretIds][0] ?? ""),
      },
    },
    document,
    fields: ["DATABASE_URL"],
    versionField: "DATABASE_VERSION",
  });

describe("a workload whose value is in Vault", () => {
  it("moves when it is announced, and acknowledges the version that the document names", async () => {
    const seen = recorder();
    const consumer = await start(
      place().options({ pollMs: never, reader: reader(), onChange: seen.handler }),
    );
    await write(2);
    place().announce(2, 7);
    await eventually(() => expect(movedTo()).toEqual([1, 2]));
    expect(place().gateway.moves[1]).toMatchObject({ version: 2, sequence: 7 });
    expect(consumer.current().fields["DATABASE_URL"]?.reveal()).toBe("value-2");
  });

  it("keeps its value while Vault is away, and moves when Vault is back", async () => {
    const seen = recorder();
    const consumer = await start(place().options({ reader: reader(), onChange: seen.handler }));
    vault.state = "sealed";
    await eventually(() =>
      expect(place().problems.some((text) => text.startsWith("document: "))).toBe(true),
    );
    expect(consumer.current().version).toBe(1);
    vault.state = "active";
    await write(2);
    await eventually(() => expect(movedTo()).toEqual([1, 2]));
  });

  it("looks rarely where nobody says how often", async () => {
    const { pollMs } = reader();
    expect(pollMs).toBe(10_000);
  });

  it("leaves no login behind when it is closed", async () => {
    const before = vault.core.tokens.all().length;
    const consumer = await start(place().options({ reader: reader(), onChange: () => undefined }));
    expect(vault.core.tokens.all()).toHaveLength(before + 1);
    await consumer.close();
    expect(vault.core.tokens.all()).toHaveLength(before);
  });
});
