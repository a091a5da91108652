import { inspect } from "node:util";
import { Fault, storeId, type Store } from "@rekey/domain";
import { createVirtualClock, eventually } from "@rekey/testkit";
import { fakeError, type FakeTrouble } from "@rekey/vault-client/fake";
import { vaultPath } from "@rekey/vault-client";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { faultOf, payments, secretOf, stagedOf, versionOf } from "../suite/bench.fixture.ts";
import { kvOf } from "./kv.ts";
import { realClock } from "../real-clock.fake.ts";
import { call, openFakeFixture, type FakeFixture } from "./store.fixture.ts";

let place: FakeFixture;
beforeEach(async () => {
  place = await openFakeFixture();
});
afterEach(() => place.close());

/** One life of a credential, each call of the port as the engine makes it. */
const life: readonly ((store: Store) => Promise<unknown>)[] = [
  (store) => store.stage(payments, stagedOf(versionOf(1), []), call),
  (store) => store.promote(payments, { ref: versionOf(1), from: undefined, readers: [] }, call),
  (store) => store.stage(payments, stagedOf(versionOf(2), []), call),
  (store) => store.promote(payments, { ref: versionOf(2), from: 1, readers: [] }, call),
  (store) => store.destroy(payments, versionOf(1), call),
];

const triesMax = 3;
/** Some hundred requests on a slow machine. */
const patientMs = 60_000;

/** Like the engine: a fault that says retry is tried again, and everything else is an outcome. */
const live = async (store: Store): Promise<{ outcomes: unknown[]; faults: Fault[] }> => {
  const outcomes: unknown[] = [];
  const faults: Fault[] = [];
  const attempt = async (step: (typeof life)[number], triesLeft: number): Promise<unknown> => {
    try {
      return await step(store);
    } catch (error) {
      const mayRetry = error instanceof Fault && error.action === "retry" && triesLeft > 0;
      if (!mayRetry) throw error;
      faults.push(error);
      return attempt(step, triesLeft - 1);
    }
  };
  for (const step of life) outcomes.push(await attempt(step, triesMax));
  return { outcomes, faults };
};

const expectLived = async (fixture: FakeFixture): Promise<void> => {
  const text = (await fixture.plainRead("team/app")) ?? "";
  expect(JSON.parse(text)).toMatchObject({ DATABASE_PASSWORD: secretOf(versionOf(2)) });
  expect(await fixture.store.labels(payments, versionOf(2), call)).toEqual({
    current: 2,
    versions: [{ version: 2, rotationNumber: 2 }],
  });
  const kv = kvOf({ client: fixture.root, mount: "secret", clock: realClock }, call);
  expect((await kv.history("team/app"))?.readable).toEqual([]);
  expect(await kv.read("rekey/values/team/app/payments-db/1")).toMatchObject({ isDestroyed: true });
};

const troubles: Readonly<Record<string, FakeTrouble["how"]>> = {
  "an answer that is lost": { lose: true },
  "an answer that is no JSON": { garble: "<html>a balancer</html>" },
  "a server that fails": { refuse: fakeError(500, "internal error") },
  "a server that is sealed": { refuse: fakeError(503, "Vault is sealed") },
};

describe("at whichever request it happens", () => {
  for (const [name, how] of Object.entries(troubles)) {
    it(`${name} changes nothing of how it ends`, { timeout: patientMs }, async () => {
      await live(place.store);
      const requests = place.fake.requests.length;
      expect(requests).toBeGreaterThan(15);
      for (let skip = 0; skip < requests; skip += 1) {
        const fresh = await openFakeFixture();
        fresh.fake.trouble({ how, skip });
        const { outcomes, faults } = await live(fresh.store);
        expect(outcomes).toHaveLength(life.length);
        expect(outcomes).not.toContain("conflict");
        expect(faults.map(({ code }) => code)).toEqual(["STORE_UNREACHABLE"]);
        expect(inspect(faults, { depth: 9, showHidden: true })).not.toMatch(/p@ss|secret id|hvs\./);
        await expectLived(fresh);
        await fresh.close();
      }
    });
  }
});

describe("an answer that comes too late", () => {
  it("of a promote is unknown, and the next call finds it done", async () => {
    const clock = createVirtualClock();
    const store = place.openStore(undefined, clock);
    await store.stage(payments, stagedOf(versionOf(1), []), call);
    const late = Promise.withResolvers<void>();
    place.fake.trouble({ on: "POST secret/data/team/app", how: { late: late.promise } });
    const request = { ref: versionOf(1), from: undefined, readers: [] };
    const promoting = faultOf(store.promote(payments, request, call));
    await eventually(() => place.fake.requests.includes("POST secret/data/team/app"));
    await clock.advance(call.deadlineMs);
    expect(await promoting).toMatchObject({
      code: "STORE_UNREACHABLE",
      providerCode: "TIMEOUT",
      unknownOutcome: true,
    });
    late.resolve();
    expect(await store.promote(payments, request, call)).toBe("already");
  });
});

describe("a check", () => {
  it.each(["POST secret/data/rekey/checks", "DELETE secret/metadata/rekey/checks"])(
    "whose answer to %s is lost leaves nothing once the next one succeeds",
    async (on) => {
      const { store, fake, root } = place;
      fake.trouble({ on, how: { refuse: fakeError(500, "internal error") } });
      expect((await faultOf(store.check(call))).code).toBe("STORE_UNREACHABLE");
      fake.trouble({ on, how: { lose: true } });
      expect((await faultOf(store.check(call))).code).toBe("STORE_UNREACHABLE");
      await store.check(call);
      expect(await root.list(vaultPath`secret/metadata/rekey/checks`, call)).toEqual([]);
    },
  );
});

it("checks at the same time do not meet", async () => {
  const { store, root } = place;
  await Promise.all(Array.from({ length: 8 }, () => store.check(call)));
  expect(await root.list(vaultPath`secret/metadata/rekey/checks`, call)).toEqual([]);
});

describe("an answer that cannot be read", () => {
  it("of a promote is unknown, and the next call finds it done", async () => {
    const { store, fake } = place;
    await store.stage(payments, stagedOf(versionOf(1), []), call);
    fake.trouble({ on: "POST secret/data/team/app", how: { garble: "<html>a balancer</html>" } });
    const request = { ref: versionOf(1), from: undefined, readers: [] };
    expect(await faultOf(store.promote(payments, request, call))).toMatchObject({
      code: "STORE_UNREACHABLE",
      providerCode: "GARBLED",
      unknownOutcome: true,
    });
    expect(await store.promote(payments, request, call)).toBe("already");
  });
});

describe("what answers is not what was configured", () => {
  it("a sealed Vault is not reached, and works again when it is unsealed", async () => {
    place.fake.state = "sealed";
    const fault = await faultOf(place.store.check(call));
    expect(fault).toMatchObject({ code: "STORE_UNREACHABLE", providerCode: "SEALED" });
    place.fake.state = "active";
    await place.store.check(call);
  });

  it("a rate limit is tried again when Vault says", async () => {
    const refuse = fakeError(429, "request path: rate limit quota exceeded");
    place.fake.trouble({ on: "secret/", how: { refuse, retryAfter: "7" } });
    expect(await faultOf(place.store.check(call))).toMatchObject({
      code: "STORE_UNREACHABLE",
      providerCode: "THROTTLED",
      retryAfterMs: 7_000,
      unknownOutcome: false,
    });
  });

  it("a standby that knows no active node is not reached", async () => {
    place.fake.state = "standby";
    const fault = await faultOf(place.store.check(call));
    expect(fault).toMatchObject({ code: "STORE_UNREACHABLE", providerCode: "STANDBY" });
  });

  it("a login that Vault refuses is tried again and halts nothing", async () => {
    place.role.secretIds.clear();
    const fault = await faultOf(place.store.check(call));
    const refused = { code: "STORE_UNREACHABLE", providerCode: "LOGIN_REFUSED", action: "retry" };
    expect(fault).toMatchObject(refused);
    place.role.secretIds.add("a secret id");
    await eventually(async () => await place.store.check(call));
  });
});

describe("a mount that is no engine of version 2", () => {
  it("a mount that is not there is no empty store", async () => {
    const client = place.root;
    const kv = kvOf({ client, mount: "nowhere", clock: realClock }, call);
    expect(await faultOf(kv.read("team/app"))).toMatchObject({
      code: "STORE_REJECTED",
      providerCode: "NO_SUCH_MOUNT",
    });
  });

  it("an engine of version 1 is refused when it is written to and when it is read", async () => {
    const kept = new Map<string, Readonly<Record<string, unknown>>>();
    place.fake.core.mount("v1", {
      answer: ({ method, path, body }) => {
        if (method === "POST") kept.set(path, body);
        const found = kept.get(path);
        if (method === "POST") return { status: 204 };
        return found === undefined ? fakeError(404) : { status: 200, body: { data: found } };
      },
    });
    const kv = kvOf({ client: place.root, mount: "v1", clock: realClock }, call);
    const refused = { code: "STORE_REJECTED", providerCode: "NOT_KV_V2" };
    expect(await faultOf(kv.write("team/app", "{}", 0))).toMatchObject(refused);
    expect(await faultOf(kv.read("team/app"))).toMatchObject(refused);
  });

  it.each([
    { current_version: 2 },
    { current_version: "2", versions: {} },
    { current_version: 2, versions: { 1: {} } },
    { current_version: 2, versions: { one: { destroyed: false, deletion_time: "" } } },
  ])("metadata that is not what KV says, %j, is refused", async (data) => {
    place.fake.core.mount("odd", { answer: () => ({ status: 200, body: { data } }) });
    const kv = kvOf({ client: place.root, mount: "odd", clock: realClock }, call);
    const refused = { code: "STORE_REJECTED", providerCode: "NOT_KV_V2" };
    expect(await faultOf(kv.history("team/app"))).toMatchObject(refused);
  });
});

describe("a foreign writer that never rests", () => {
  it("ends in a fault that is retried, with nothing of it lost", async () => {
    let writes = 0;
    const store = place.openStore(async (name) => {
      if (name !== "store.promote.before-effect") return;
      writes += 1;
      await place.foreignWrite("team/app", `{"theirs":${writes}}`);
    });
    await store.stage(payments, stagedOf(versionOf(1), []), call);
    const request = { ref: versionOf(1), from: undefined, readers: [] };
    expect(await faultOf(store.promote(payments, request, call))).toMatchObject({
      code: "STORE_LOCKED",
      providerCode: "foreign-writer",
    });
    expect(await place.plainRead("team/app")).toBe(`{"theirs":${writes}}`);
    expect(await place.store.promote(payments, request, call)).toBe("promoted");
    expect(JSON.parse((await place.plainRead("team/app")) ?? "")).toMatchObject({ theirs: writes });
  });
});

describe("hostile documents", () => {
  const piece = fc.constantFrom(
    "..",
    ".",
    "",
    "%2e%2e",
    "a%2Fb",
    "é",
    "\u202e",
    "a b",
    "\n",
    "?x=1",
    "#",
    "\\",
    "+",
    "*",
    "app",
    "/",
    "..%2fsys",
    "\0",
    "a".repeat(250),
  );
  const hostile = fc.array(piece, { minLength: 1, maxLength: 4 }).map((pieces) => pieces.join("/"));
  const plain = /^[A-Za-z0-9][A-Za-z0-9._-]*(\/[A-Za-z0-9][A-Za-z0-9._-]*)*$/;

  it("are refused before anything is sent", { timeout: patientMs }, async () => {
    await fc.assert(
      fc.asyncProperty(hostile, async (document) => {
        fc.pre(!plain.test(document) || document.length > 200);
        const address = { store: storeId("documents"), document, fields: { F: "{secret}" } };
        const problems = place.store.checkAddress(address).map(({ path }) => path);
        expect(new Set(problems)).toEqual(new Set(["document"]));
        const fault = await faultOf(place.store.stage(address, stagedOf(versionOf(1), []), call));
        expect(fault).toMatchObject({ code: "STORE_REJECTED", providerCode: "bad-address" });
        expect(place.fake.requests).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });
});
