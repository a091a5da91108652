import { Fault } from "@rekey/domain";
import { openMemoryLedger } from "@rekey/ledger";
import { newId, silentLog } from "@rekey/runtime";
import { Secret } from "@rekey/secret";
import { beforeEach, expect, test } from "vitest";
import { fingerprinter } from "./keys.ts";
import { comparePepper, judgePepper } from "./pepper.ts";

const pepper = (id: string, key: string) => fingerprinter({ id, key: Secret.fromUtf8(key) });
const said: string[] = [];
const log = { ...silentLog, error: (message: string) => void said.push(message) };

let now = 0;
let ledger: ReturnType<typeof openMemoryLedger>;
beforeEach(() => {
  said.splice(0);
  ledger = openMemoryLedger({ now: () => ++now, newId, build: "test" });
});

const start = async (fingerprint: ReturnType<typeof pepper>): Promise<unknown> =>
  await comparePepper({ ledger, fingerprint }, log).catch((error: unknown) => error);
const found = async (fingerprint: ReturnType<typeof pepper>) =>
  (await judgePepper({ ledger, fingerprint }))[0];

test("a process with another key under a pepper's id does not start, and doctor says the same", async () => {
  expect(await found(pepper("one", "right"))).toMatchObject({ ok: true });
  expect(await ledger.peppers()).toEqual([]);
  expect(await start(pepper("one", "right"))).toBeUndefined();
  expect(await start(pepper("one", "right"))).toBeUndefined();
  const refused = await start(pepper("one", "wrong"));
  expect(refused).toBeInstanceOf(Fault);
  expect(refused).toMatchObject({ code: "PEPPER_MISMATCH" });
  expect(await found(pepper("one", "right"))).toMatchObject({ ok: true });
  expect(await found(pepper("one", "wrong"))).toMatchObject({
    ok: false,
    found: expect.stringContaining("PEPPER_MISMATCH") as string,
  });
  expect(said).toEqual([]);
});

test("a new pepper has a new id, and whoever is left with the older one is told", async () => {
  await start(pepper("one", "right"));
  expect(await found(pepper("two", "next"))).toMatchObject({
    ok: false,
    found: expect.stringContaining("new to the ledger") as string,
    next: expect.stringContaining("rotate every credential") as string,
  });
  expect(await start(pepper("two", "next"))).toBeUndefined();
  expect(said).toEqual([]);
  expect(await start(pepper("one", "right"))).toBeUndefined();
  expect(said).toHaveLength(1);
  expect(await found(pepper("one", "right"))).toMatchObject({ ok: false });
  expect(await found(pepper("two", "next"))).toMatchObject({ ok: true });
  expect(await found(pepper("two", "wrong"))).toMatchObject({ ok: false });
});

test("what fingerprints nothing has nothing to compare", async () => {
  await comparePepper({ ledger }, log);
  expect(await judgePepper({ ledger })).toEqual([]);
  expect(await ledger.peppers()).toEqual([]);
});
