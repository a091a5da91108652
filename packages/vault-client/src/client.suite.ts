import { inspect } from "node:util";
import { Secret } from "@rekey/secret";
import { createVirtualClock, eventually } from "@rekey/testkit";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { VaultClient } from "./client.ts";
import {
  call,
  clientOf,
  errorOfCall,
  noRights,
  roleAuth,
  type ClientPlace,
} from "./client.fixture.ts";
import { VaultError } from "./error.ts";
import { hostileNamesSuite } from "./path.suite.ts";
import { vaultPath } from "./path.ts";
import { refusedLoginSuite } from "./refused-login.suite.ts";

export interface Bench {
  readonly place: ClientPlace;
  readonly root: VaultClient;
  /** A client that logged in nowhere yet, with rights on `team/`. */
  readonly openByRole: (options?: { readonly ttlSeconds?: number }) => Promise<VaultClient>;
  readonly livingTokens: () => Promise<number>;
}

/** What the client promises, on the fake and on the real Vault. */
export const clientSuite = (name: string, open: () => Promise<ClientPlace>): void => {
  describe(`${name} answers as the client promises`, () => {
    let opened: Bench | undefined;
    const bench = (): Bench => {
      if (opened === undefined) throw new Error("the fixture is not open");
      return opened;
    };
    beforeEach(async () => {
      opened = benchOf(await open());
    });
    afterEach(async () => {
      await bench().root.close();
      await bench().place.close();
    });

    readingSuite(bench);
    refusalSuite(bench);
    loginSuite(bench);
    refusedLoginSuite(bench);
    tokenLifeSuite(bench);
    outageSuite(bench);
    hostileNamesSuite(bench);
  });
};

const benchOf = (place: ClientPlace): Bench => {
  const root = clientOf(place);
  return {
    place,
    root,
    openByRole: async ({ ttlSeconds = 600 } = {}) => {
      const policy = `path "${place.mount}/data/team/*" { capabilities = ["create", "read", "update"] }`;
      const { roleId, secretId } = await place.makeRole({ policy, ttlSeconds });
      return clientOf(place, { auth: roleAuth(roleId), secret: () => `${secretId}\n` });
    },
    livingTokens: async () => (await root.list(vaultPath`auth/token/accessors`, call)).length,
  };
};

const dataOf = (mount: string, name: string) => vaultPath`${mount}/data/team/${name}`;

const readingSuite = (bench: () => Bench): void => {
  it("what was written is read, with its own text", async () => {
    const { root, place } = bench();
    const path = dataOf(place.mount, "app");
    await root.write(path, '{"data":{"b":"<ü>","a":1.50}}', call);
    const reading = await root.read(path, call);
    expect(reading).toMatchObject({ found: true, data: { data: { a: 1.5, b: "<ü>" } } });
    expect(reading.text).toContain(String.raw`"data":{"a":1.5,"b":"\u003cü\u003e"}`);
  });

  it("nothing there is an answer, a mount that is not there is an error", async () => {
    const { root, place } = bench();
    expect(await root.read(dataOf(place.mount, "none"), call)).toMatchObject({ found: false });
    expect(await root.list(vaultPath`${place.mount}/metadata/none`, call)).toEqual([]);
    await root.delete(dataOf(place.mount, "none"), call);
    const missing = errorOfCall(root.read(vaultPath`nowhere/data/none`, call));
    expect(await missing).toMatchObject({ kind: "not-found", phrase: "no-handler-for-route" });
  });

  it("a deleted and a destroyed version answer with their metadata", async () => {
    const { root, place } = bench();
    const path = dataOf(place.mount, "app");
    await root.write(path, { data: { a: "1" } }, call);
    await root.delete(path, call);
    const deleted = await root.read(path, call);
    expect(deleted).toMatchObject({ found: false, status: 404 });
    expect(deleted.data["metadata"]).toMatchObject({ version: 1, destroyed: false });
    await root.write(vaultPath`${place.mount}/destroy/team/app`, { versions: [1] }, call);
    const destroyed = await root.read(path, call);
    expect(destroyed.data["metadata"]).toMatchObject({ version: 1, destroyed: true });
  });

  it("old versions are read by number, and names are listed with their folders", async () => {
    const { root, place } = bench();
    const path = dataOf(place.mount, "app");
    await root.write(path, { data: { a: "1" } }, call);
    await root.write(path, { data: { a: "2" } }, call);
    const first = await root.request({ method: "GET", path, query: { version: "1" } }, call);
    expect(first.data).toMatchObject({ data: { a: "1" } });
    expect(await root.list(vaultPath`${place.mount}/metadata`, call)).toEqual(["team/"]);
    expect(await root.list(vaultPath`${place.mount}/metadata/team`, call)).toEqual(["app"]);
  });
};

const refusalSuite = (bench: () => Bench): void => {
  it("a check-and-set that does not match says so, on a deleted path too", async () => {
    const { root, place } = bench();
    const path = dataOf(place.mount, "app");
    const write = (cas: number) => root.write(path, { options: { cas }, data: {} }, call);
    await write(0);
    const mismatch = { kind: "cas", status: 400, phrase: "cas-mismatch", unknownOutcome: false };
    expect(await errorOfCall(write(0))).toMatchObject(mismatch);
    await root.delete(path, call);
    expect(await errorOfCall(write(0))).toMatchObject(mismatch);
    await write(1);
  });

  it("a policy's refusal and a dead token are told apart", async () => {
    const { root, place, openByRole } = bench();
    const client = await openByRole();
    const foreign = vaultPath`${place.mount}/data/other/app`;
    expect(await errorOfCall(client.read(foreign, call))).toMatchObject({ kind: "denied" });
    const dead = root.as(Secret.fromUtf8("hvs.never-was-a-token"));
    const refused = errorOfCall(dead.read(foreign, call));
    expect(await refused).toMatchObject({ kind: "dead-token", phrase: "invalid-token" });
    const nobody = errorOfCall(root.as(undefined).read(foreign, call));
    expect(await nobody).toMatchObject({ kind: "denied" });
    await client.close();
  });

  it("a malformed request is invalid", async () => {
    const { root, place } = bench();
    const wrong = root.write(dataOf(place.mount, "app"), { nothing: 1 }, call);
    expect(await errorOfCall(wrong)).toMatchObject({ kind: "invalid", status: 400 });
  });

  it("no error gives away what was sent", async () => {
    const { root, place } = bench();
    const value = "cNry7-value";
    const body = { options: { cas: 9 }, data: { value } };
    const as = root.as(Secret.fromUtf8("hvs.cNry7-token"));
    const path = vaultPath`${place.mount}/data/team/cNry7-path`;
    for (const client of [root, as]) {
      const error = await errorOfCall(client.write(path, body, call));
      expect(inspect(error, { depth: 9, showHidden: true })).not.toContain("cNry7");
      expect(error.cause).toBeUndefined();
    }
  });
};

const loginSuite = (bench: () => Bench): void => {
  it("many calls at once share one login, and its token ends with the client", async () => {
    const { openByRole, livingTokens, place } = bench();
    const before = await livingTokens();
    const client = await openByRole();
    const path = dataOf(place.mount, "app");
    await Promise.all(Array.from({ length: 10 }, () => client.read(path, call)));
    expect(await livingTokens()).toBe(before + 1);
    await client.close();
    expect(await livingTokens()).toBe(before);
    const closed = await errorOfCall(client.read(path, call));
    expect(closed).toMatchObject({ kind: "unreachable", providerCode: "CLOSED" });
  });

  it("a token that was ended behind its back is replaced, and the call succeeds", async () => {
    const { root, openByRole, place } = bench();
    const before = await root.list(vaultPath`auth/token/accessors`, call);
    const client = await openByRole();
    const path = dataOf(place.mount, "app");
    await client.write(path, { data: { a: "1" } }, call);
    const after = await root.list(vaultPath`auth/token/accessors`, call);
    const [accessor] = after.filter((one) => !before.includes(one));
    await root.write(vaultPath`auth/token/revoke-accessor`, { accessor }, call);
    await client.write(path, { data: { a: "2" } }, call);
    expect((await client.read(path, call)).data).toMatchObject({ data: { a: "2" } });
    await client.close();
  });
};

const tokenLifeSuite = (bench: () => Bench): void => {
  it("a token is renewed before it ends, without another login", async () => {
    const { root, livingTokens, place } = bench();
    const clock = createVirtualClock();
    const { roleId, secretId } = await place.makeRole({ policy: noRights, ttlSeconds: 600 });
    const client = clientOf(place, { auth: roleAuth(roleId), secret: () => secretId, clock });
    const self = vaultPath`auth/token/lookup-self`;
    const { data } = await client.read(self, call);
    const tokens = await livingTokens();
    await clock.advance(400_000);
    await eventually(async () => {
      const accessor = { accessor: data["accessor"] };
      const found = await root.write(vaultPath`auth/token/lookup-accessor`, accessor, call);
      return typeof found.data["last_renewal_time"] === "number";
    });
    await eventually(() => clock.pending() === 1);
    await clock.advance(300_000);
    const later = await client.read(self, call);
    expect(later.data["accessor"]).toBe(data["accessor"]);
    expect(await livingTokens()).toBe(tokens);
    await client.close();
  });
};

const outageSuite = (bench: () => Bench): void => {
  it("each address says what it is", async () => {
    const { root } = bench();
    const [node] = await root.health(call);
    expect(node).toMatchObject({ state: "active", version: expect.stringMatching(/^1\./) });
  });

  it("sealed is told apart from away, and ends", async () => {
    const { root, place } = bench();
    const path = dataOf(place.mount, "app");
    await root.read(path, call);
    await place.seal();
    expect(await errorOfCall(root.read(path, call))).toMatchObject({ kind: "sealed" });
    expect((await root.health(call)).map(({ state }) => state)).toEqual(["sealed"]);
    const active = root.request({ method: "GET", path, atActive: true }, call);
    expect(await errorOfCall(active)).toMatchObject({ kind: "sealed" });
    await place.unseal();
    expect(await root.read(path, call)).toMatchObject({ found: false });
  });

  it("a rate limit is kept: what comes too early is not sent", async () => {
    const { place } = bench();
    await place.throttle();
    const clock = createVirtualClock();
    const client = clientOf(place, { clock });
    const path = dataOf(place.mount, "app");
    const read = () => client.read(path, call);
    const errors = await Promise.all(
      [read(), read(), read(), read()].map((one) => one.catch((error: unknown) => error)),
    );
    const throttled = errors.find((one) => one instanceof VaultError);
    expect(throttled).toMatchObject({ kind: "throttled", status: 429 });
    expect((throttled as VaultError).retryAfterMs).toBeGreaterThanOrEqual(1_000);
    expect(await errorOfCall(read())).toMatchObject({ kind: "throttled", providerCode: "PAUSED" });
    await client.close();
  });
};
