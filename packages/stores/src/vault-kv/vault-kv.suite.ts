import { credentialId, storeId } from "@rekey/domain";
import { Secret } from "@rekey/secret";
import { segmentsOf, vaultPath } from "@rekey/vault-client";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  addressOf,
  faultOf,
  fieldOf,
  materialOf,
  payments,
  reports,
  reportsDb,
  secretOf,
  stagedOf,
  versionOf,
} from "../suite/bench.fixture.ts";
import { oldVersionsSuite } from "./old-versions.suite.ts";
import { call, type VaultKvFixture } from "./store.fixture.ts";
import { document, vaultBenchOf, type VaultBench } from "./vault-bench.fixture.ts";

/** What this store does besides the port's promises, on the fake and on the real Vault. */
export const vaultKvSuite = (name: string, open: () => Promise<VaultKvFixture>): void => {
  describe(`${name}, besides the port's promises`, () => {
    let opened: VaultBench | undefined;
    const bench = (): VaultBench => {
      if (opened === undefined) throw new Error("the fixture is not open");
      return opened;
    };
    beforeEach(async () => {
      opened = vaultBenchOf(await open());
    });
    afterEach(() => bench().place.close());

    secrecySuite(bench);
    endingSuite(bench);
    oldVersionsSuite(bench);
    byHandSuite(bench);
    recognisingSuite(bench);
    limitsSuite(bench);
    ownLoginSuite(bench);
  });
};

const refusalsToLock = 5;

const ownLoginSuite = (open: () => VaultBench): void => {
  it("a login of Rekey's own that Vault has locked is tried again, and halts nothing", async () => {
    const { place } = open();
    const { auth } = place.place;
    if (!("approle" in auth)) throw new Error("the fixture logs in by AppRole");
    const login = vaultPath`auth/${segmentsOf(auth.approle.mount)}/login`;
    const wrong = { role_id: auth.approle.roleId, secret_id: "wrong" };
    for (let refused = 0; refused < refusalsToLock; refused += 1)
      await expect(place.root.as(undefined).write(login, wrong, call)).rejects.toThrow();
    const fault = await faultOf(place.openStore().labels(payments, versionOf(1), call));
    expect(fault).toMatchObject({
      code: "STORE_UNREACHABLE",
      action: "retry",
      providerCode: "LOGIN_LOCKED",
    });
  });

  it("doctor is told of a mount of Rekey's own login that locks roles, with the documented policy", async () => {
    const told = await open().place.store.loginRisk?.(call);
    expect(told?.command).toContain("vault write sys/mounts/auth/approle/tune");
  });
};

const secrecySuite = (open: () => VaultBench): void => {
  it("a reader of the document's folder cannot read a pending value", async () => {
    const { place, bench, put } = open();
    await put(1, undefined);
    await bench.stage(versionOf(2));
    const { mount } = place.place;
    const policy = `path "${mount}/data/team/*" { capabilities = ["read", "list"] }`;
    const reader = `reader-of-${mount}`;
    await place.root.write(vaultPath`sys/policies/acl/${reader}`, { policy }, call);
    const { auth } = await place.root.write(
      vaultPath`auth/token/create`,
      { policies: [reader], ttl: "60s" },
      call,
    );

    const asReader = place.root.as(Secret.fromUtf8(String(auth?.["client_token"])));
    const seen = await asReader.read(vaultPath`${mount}/data/${segmentsOf(document)}`, call);
    expect(seen.text).toContain(" 1 ü");
    expect(seen.text).not.toContain(" 2 ü");
    const pending = vaultPath`${mount}/data/rekey/values/${segmentsOf(document)}/payments-db/2`;
    await expect(asReader.read(pending, call)).rejects.toMatchObject({ kind: "denied" });
  });

  it("no document lies in Rekey's own folder", async () => {
    const { place } = open();
    for (const bad of ["rekey", "rekey/values/team/app"]) {
      const address = { store: storeId("documents"), document: bad, fields: { F: "{secret}" } };
      expect(place.store.checkAddress(address).map(({ path }) => path)).toEqual(["document"]);
      expect((await faultOf(place.store.read(address, versionOf(1), call))).code).toBe(
        "STORE_REJECTED",
      );
    }
  });

  it("a field that another credential has staged is refused before anything is kept", async () => {
    const { place, bench, root } = open();
    await bench.stage(versionOf(1));
    const stolen = addressOf({ DATABASE_PASSWORD: "{secret}" });
    const staging = place.store.stage(stolen, stagedOf(versionOf(1, reportsDb), []), call);
    expect((await faultOf(staging)).providerCode).toBe("field-of-another-credential");
    const kept = await root.read(`rekey/values/${document}/reports-db/1`);
    expect(kept).toMatchObject({ version: 0 });
  });

  it("a folder that the policy does not name is refused before anything is kept", async () => {
    const { place, root } = open();
    const elsewhere = addressOf({ FIELD: "{secret}" }, "other/app");
    const staging = place.store.stage(elsewhere, stagedOf(versionOf(1), []), call);
    const refused = { code: "STORE_REJECTED", providerCode: "DENIED" };
    expect(await faultOf(staging)).toMatchObject(refused);
    const kept = await root.read("rekey/values/other/app/payments-db/1");
    expect(kept).toMatchObject({ version: 0 });
  });
};

const endingSuite = (open: () => VaultBench): void => {
  it("a destroyed version is in no version of the document that can be read", async () => {
    const { place, bench, put, readable } = open();
    await put(1, undefined);
    await put(2, 1);
    await put(3, 2);
    await place.store.destroy(payments, versionOf(1), call);
    expect(await readable()).toEqual([2, 3]);
    await place.store.destroy(payments, versionOf(2), call);
    expect(await readable()).toEqual([3]);
    const undelete = vaultPath`${place.place.mount}/undelete/${segmentsOf(document)}`;
    await place.root.write(undelete, { versions: [1, 2] }, call);
    expect(await readable()).toEqual([3]);
    expect(await bench.passwordNow()).toBe(secretOf(versionOf(3)));
  });

  it("a version of the document stays while one credential in it lives, and ends with the last", async () => {
    const { place, put, putReport, readable } = open();
    await put(1, undefined);
    await putReport(1, undefined);
    await put(2, 1);
    await place.store.destroy(payments, versionOf(1), call);
    // Document version 2 holds the report's living value, 1 held the dead one alone.
    expect(await readable()).toEqual([2, 3]);
    await putReport(2, 1);
    await place.store.destroy(reports, versionOf(1, reportsDb), call);
    // Version 3 holds payments' living value beside the report's dead one.
    expect(await readable()).toEqual([3, 4]);
    await put(3, 2);
    await place.store.destroy(payments, versionOf(2), call);
    // Version 3 holds the dead alone; 4 holds the report's living value beside payments' dead one.
    expect(await readable()).toEqual([4, 5]);
    await putReport(3, 2);
    await place.store.destroy(reports, versionOf(2, reportsDb), call);
    expect(await readable()).toEqual([5, 6]);
  });

  it("the value's own path is ended too, and does not come back", async () => {
    const { place, root, put } = open();
    await put(1, undefined);
    await put(2, 1);
    await place.store.destroy(payments, versionOf(1), call);
    const path = `rekey/values/${document}/payments-db/1`;
    expect(await root.read(path)).toMatchObject({ isPresent: false, isDestroyed: true });
    expect(await root.write(path, "{}", 0)).toBe("mismatch");
  });

  it("a version that was destroyed before it was staged can no longer be staged", async () => {
    const { place, bench } = open();
    await place.store.destroy(payments, versionOf(4), call);
    expect((await faultOf(bench.stage(versionOf(4)))).providerCode).toBe("destroyed");
  });
};

const byHandSuite = (open: () => VaultBench): void => {
  it("a value written by hand into our field is replaced by the next promote", async () => {
    const { place, bench, put } = open();
    await put(1, undefined);
    const text = (await place.plainRead(document)) ?? "";
    const mine = { ...(JSON.parse(text) as object), DATABASE_PASSWORD: "by hand" };
    await place.foreignWrite(document, JSON.stringify(mine));
    expect((await place.store.labels(payments, versionOf(1), call)).current).toBe(1);
    expect(await put(2, 1)).toBe("promoted");
    expect(await bench.passwordNow()).toBe(secretOf(versionOf(2)));
  });

  it("a document that was deleted by hand has no current version, and none is guessed", async () => {
    const { place, bench, put } = open();
    await put(1, undefined);
    await place.root.delete(vaultPath`${place.place.mount}/data/${segmentsOf(document)}`, call);
    expect(await place.store.labels(payments, versionOf(1), call)).not.toHaveProperty("current");
    expect(await put(2, 1)).toBe("conflict");
    expect(await put(2, undefined)).toBe("promoted");
    expect(await bench.passwordNow()).toBe(secretOf(versionOf(2)));
  });
};

const recognisingSuite = (open: () => VaultBench): void => {
  it("a crash after a promote under changed templates does not hide what is current", async () => {
    const { place, bench, put } = open();
    await put(1, undefined);
    await bench.stage(versionOf(2));
    const changed = addressOf({ DATABASE_PASSWORD: "v2:{secret}" });
    const request = bench.promotion(2, 1);
    await place.crashAfterEffect(changed, { name: "promote", request });
    expect((await place.store.labels(changed, versionOf(2), call)).current).toBe(2);
    expect(await place.store.promote(changed, bench.promotion(1, 2), call)).toBe("promoted");
    const labels = await place.store.labels(changed, versionOf(1), call);
    expect(labels).toMatchObject({ current: 1 });
    expect(labels).not.toHaveProperty("pending");
  });

  it("two versions of one value are told apart by what was promoted last", async () => {
    const { place, bench, put } = open();
    await put(1, undefined);
    const same = { ...stagedOf(versionOf(2), []), material: materialOf(versionOf(1)) };
    await place.store.stage(payments, same, call);
    const currentNow = async () => (await place.store.labels(payments, versionOf(1), call)).current;
    expect(await currentNow()).toBe(1);
    expect(await bench.promote(versionOf(2), 1)).toBe("promoted");
    expect(await currentNow()).toBe(2);
    expect(await bench.promote(versionOf(1), 2)).toBe("promoted");
    expect(await currentNow()).toBe(1);
  });

  it("templates may change between stage and promote", async () => {
    const { place, bench, put } = open();
    await put(1, undefined);
    await bench.stage(versionOf(2));
    const changed = addressOf({
      DATABASE_URL: "mysql://{username}:{secret}@db",
      DATABASE_PASSWORD: "{secret}",
    });
    const request = bench.promotion(2, 1);
    expect(await place.store.promote(changed, request, call)).toBe("promoted");
    expect((await place.store.labels(changed, versionOf(2), call)).current).toBe(2);
    expect(await place.store.promote(changed, request, call)).toBe("already");
    expect(String(fieldOf(await place.plainRead(document), "DATABASE_URL"))).toMatch(/^mysql:/);
  });
};

const limitsSuite = (open: () => VaultBench): void => {
  it("many credentials of one document are promoted at once, and all are there", async () => {
    const { place, bench } = open();
    const names = ["one", "two", "three", "four", "five", "six"];
    const addresses = names.map((name) => addressOf({ [name]: "{secret}" }));
    const refs = names.map((name) => versionOf(1, credentialId(`${name}-db`)));
    const outcomes = await Promise.all(
      refs.map((ref, index) => bench.put(ref, undefined, addresses[index])),
    );
    expect(new Set(outcomes)).toEqual(new Set(["promoted"]));
    const text = await place.plainRead(document);
    expect(names.map((name) => fieldOf(text, name))).toEqual(refs.map(secretOf));
  });

  it("a value that is too large is refused before it is sent", async () => {
    const { place } = open();
    const staged = stagedOf(versionOf(1), []);
    const material = { fields: { username: "a" }, secret: Secret.fromUtf8("x".repeat(600_000)) };
    const fault = await faultOf(place.store.stage(payments, { ...staged, material }, call));
    expect(fault).toMatchObject({ code: "STORE_REJECTED", providerCode: "too-large" });
  });
};
