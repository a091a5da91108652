import { once } from "node:events";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { createVirtualClock, eventually } from "@rekey/testkit";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { openVaultClient, type VaultClient } from "./client.ts";
import { call, errorOfCall, clientOf } from "./client.fixture.ts";
import { fakeError, type FakeNode } from "./fake/index.ts";
import { openFakePlace, type FakePlace } from "./fake-place.fixture.ts";
import { vaultPath } from "./path.ts";

const path = vaultPath`secret/data/team/app`;

interface Debug {
  (name: string): (line: string) => void;
  log: (...line: readonly unknown[]) => void;
  enable(names: string): void;
  disable(): void;
}

/** The very module that node-vault prints with. */
const debugOfNodeVault = (): Debug => {
  const library = createRequire(import.meta.url).resolve("node-vault");
  return createRequire(library)("debug") as Debug;
};

let place: FakePlace;
let second: FakeNode;
const clients: VaultClient[] = [];
const open = (options?: Parameters<typeof clientOf>[1]): VaultClient => {
  const client = clientOf(place, { addresses: [place.fake.address, second.address], ...options });
  clients.push(client);
  return client;
};
beforeEach(async () => {
  place = await openFakePlace();
  second = await place.fake.addNode("active");
});
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()));
  await place.close();
});

describe("several addresses", () => {
  it("a node that did not execute the request is passed over, and the one that did is asked first", async () => {
    const client = open();
    for (const state of ["sealed", "standby"] as const) {
      place.fake.state = state;
      expect(await client.read(path, call)).toMatchObject({ found: false });
    }
    const asked = place.fake.requests.length;
    await client.write(path, { data: {} }, call);
    expect(place.fake.requests).toHaveLength(asked);
    expect(second.requests.at(-1)).toBe("POST secret/data/team/app");
  });

  it("a node that is away is passed over", async () => {
    const { address } = second;
    await second.close();
    const client = open({ addresses: [address, place.fake.address] });
    await client.write(path, { data: {} }, call);
    expect(await client.read(path, call)).toMatchObject({ found: true });
  });

  it("a node that keeps silent is passed over by a read, and asked last from then on", async () => {
    const clock = createVirtualClock();
    const client = open({ clock });
    await client.read(path, call);
    const late = Promise.withResolvers<void>();
    place.fake.trouble({ how: { late: late.promise }, times: 99 });
    const reading = client.read(path, { ...call, deadlineMs: 4_000 });
    await eventually(() => place.fake.requests.filter((one) => one.includes("app")).length === 2);
    await clock.advance(2_000);
    expect(await reading).toMatchObject({ found: false });
    await client.write(path, { data: {} }, call);
    expect(second.requests.at(-1)).toBe("POST secret/data/team/app");
    late.resolve();
  });

  it("when none executes it the error names what a person can act on", async () => {
    place.fake.state = "sealed";
    await second.close();
    expect(await errorOfCall(open().read(path, call))).toMatchObject({ kind: "sealed" });
  });

  it("a standby's redirect is never followed, wherever it leads", async () => {
    const heard: string[] = [];
    const stranger = createServer((request, response) => {
      heard.push(request.url ?? "");
      response.end("{}");
    });
    stranger.listen(0, "127.0.0.1");
    await once(stranger, "listening");
    place.fake.state = "standby";
    place.fake.redirectsTo = `http://127.0.0.1:${(stranger.address() as AddressInfo).port}`;
    const alone = open({ addresses: [place.fake.address] });
    expect(await errorOfCall(alone.read(path, call))).toMatchObject({ kind: "standby" });
    expect(await open().read(path, call)).toMatchObject({ found: false });
    expect(heard).toEqual([]);
    stranger.close();
  });
});

describe("a request for the active node", () => {
  it("goes to no standby, whichever comes first, and nowhere when none is active", async () => {
    place.fake.state = "standby";
    const client = open({ addresses: [second.address, place.fake.address] });
    second.state = "standby";
    place.fake.state = "active";
    await client.request({ method: "GET", path, atActive: true }, call);
    expect(place.fake.requests.at(-1)).toBe("GET secret/data/team/app");
    expect(second.requests).not.toContain("GET secret/data/team/app");
    place.fake.state = "standby";
    const nobody = client.request({ method: "GET", path, atActive: true }, call);
    expect(await errorOfCall(nobody)).toMatchObject({
      kind: "standby",
      providerCode: "NO_ACTIVE_NODE",
    });
  });
});

describe("a request that may have arrived", () => {
  it("is not sent again when it writes, and says that its outcome is unknown", async () => {
    const client = open();
    await client.read(path, call);
    place.fake.trouble({ on: "POST secret/", how: { lose: true } });
    const error = await errorOfCall(client.write(path, { options: { cas: 0 }, data: {} }, call));
    expect(error).toMatchObject({ kind: "unreachable", unknownOutcome: true });
    expect(second.requests.filter((one) => one.startsWith("POST"))).toEqual([]);
    expect(await client.read(path, call)).toMatchObject({ found: true });
  });

  it("is asked elsewhere when it only reads", async () => {
    const client = open();
    await client.read(path, call);
    place.fake.trouble({ on: "GET secret/", how: { lose: true } });
    expect(await client.read(path, call)).toMatchObject({ found: false });
    expect(second.requests).toContain("GET secret/data/team/app");
  });

  it("is unknown when a write fails in the server", async () => {
    place.fake.trouble({ on: "POST", how: { refuse: fakeError(500, "storage is away") } });
    const error = await errorOfCall(open().write(path, { data: {} }, call));
    expect(error).toMatchObject({ kind: "unreachable", status: 500, unknownOutcome: true });
  });
});

describe("every call ends", () => {
  it("at its deadline, however long the server keeps silent", async () => {
    const clock = createVirtualClock();
    const client = open({ clock });
    await client.read(path, call);
    const late = Promise.withResolvers<void>();
    place.fake.trouble({ on: "POST", how: { late: late.promise } });
    const writing = errorOfCall(client.write(path, { data: {} }, { ...call, deadlineMs: 3_000 }));
    await eventually(() => place.fake.requests.includes("POST secret/data/team/app"));
    await clock.advance(3_000);
    const timeout = { kind: "timeout", providerCode: "DEADLINE", unknownOutcome: true };
    expect(await writing).toMatchObject(timeout);
    late.resolve();
  });

  it("when its signal is aborted, before and while it waits", async () => {
    const client = open();
    const before = { ...call, signal: AbortSignal.abort() };
    expect(await errorOfCall(client.read(path, before))).toMatchObject({ kind: "timeout" });
    await client.read(path, call);
    const abort = new AbortController();
    const late = Promise.withResolvers<void>();
    place.fake.trouble({ on: "GET secret/", how: { late: late.promise } });
    const reading = errorOfCall(client.read(path, { ...call, signal: abort.signal }));
    const count = place.fake.requests.length;
    await eventually(() => place.fake.requests.length > count);
    abort.abort();
    expect(await reading).toMatchObject({ kind: "timeout", providerCode: "ABORTED" });
    late.resolve();
  });

  it("with an error when the answer is no JSON, or no object", async () => {
    const server = createServer((_request, response) => response.end("<html>a balancer</html>"));
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const error = await errorOfCall(open({ addresses: [address] }).read(path, call));
    expect(error).toMatchObject({ kind: "unreachable", providerCode: "GARBLED" });
    server.close();
    server.closeAllConnections();
  });

  it("that tells a write that may have happened from a read", async () => {
    const client = open();
    const garbled = { kind: "unreachable", providerCode: "GARBLED" };
    for (const garble of ["<html>", "[]", '{"data":']) {
      place.fake.trouble({ on: "POST secret/", how: { garble } });
      const written = await errorOfCall(client.write(path, { data: {} }, call));
      expect(written).toMatchObject({ ...garbled, unknownOutcome: true });
      place.fake.trouble({ on: "GET secret/", how: { garble } });
      const read = await errorOfCall(client.read(path, call));
      expect(read).toMatchObject({ ...garbled, unknownOutcome: false });
    }
    expect((await client.read(path, call)).data).toMatchObject({ metadata: { version: 3 } });
  });
});

describe("what is sent", () => {
  it("names the namespace, and nothing that this process has in its environment", async () => {
    const taken = {
      VAULT_TOKEN: "hvs.of-the-environment",
      VAULT_NAMESPACE: "elsewhere",
      VAULT_PREFIX: "/proxy",
    };
    for (const [name, value] of Object.entries(taken)) vi.stubEnv(name, value);
    await open({ namespace: "team-a/prod" }).read(path, call);
    await open()
      .as(undefined)
      .read(path, call)
      .catch(() => {});
    vi.unstubAllEnvs();
    const [named, nameless] = [place.fake.headers.at(-2), place.fake.headers.at(-1)];
    expect(named).toMatchObject({ "x-vault-namespace": "team-a/prod", "x-vault-request": "true" });
    expect(nameless).not.toHaveProperty("x-vault-namespace");
    expect(nameless).not.toHaveProperty("x-vault-token");
    expect(place.fake.requests.at(-1)).toBe("GET secret/data/team/app");
  });

  it("is never printed by node-vault's debugging", async () => {
    const debug = debugOfNodeVault();
    const lines: unknown[] = [];
    const { log } = debug;
    debug.log = (...line: unknown[]) => void lines.push(line);
    debug.enable("node-vault,planted");
    debug("planted")("a line");
    await open().write(path, { data: { value: "cNry7" } }, call);
    debug.disable();
    debug.log = log;
    expect(lines).toEqual([[expect.stringContaining("a line")]]);
  });
});

describe("opening", () => {
  it("sends nothing, and a reference that leads nowhere is no crash", async () => {
    const client = openVaultClient({
      connection: {
        addresses: [place.fake.address],
        auth: { token: "file:/nowhere" },
        tls: { ca: "file:/nowhere" },
      },
      clock: place.clock,
      resolveSecret: async () => {
        throw new Error("file:/nowhere cannot be read");
      },
    });
    expect(await errorOfCall(client.read(path, call))).toMatchObject({
      kind: "unreachable",
      providerCode: "SECRET_UNRESOLVED",
    });
    expect(place.fake.requests).toEqual([]);
    await client.close();
  });
});
