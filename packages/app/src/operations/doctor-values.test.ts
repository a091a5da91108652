import { Fault, storeId, type CredentialView, type Fingerprinter, type Store } from "@rekey/domain";
import { Secret } from "@rekey/secret";
import { expect, test } from "vitest";
import { fingerprinter } from "../parts/keys.ts";
import { valueChecks } from "./doctor-values.ts";

const value = Secret.fromUtf8("the control's value");
const pepper = (id: string, key: string) => fingerprinter({ id, key: Secret.fromUtf8(key) });
const right = pepper("one", "right");
const call = () => ({ signal: AbortSignal.timeout(5_000), deadlineMs: 5_000, key: "doctor" });

const store = (read: Store["read"]): Store => ({ read }) as Store;
const holds = store(async () => ({ material: { fields: {}, secret: value } }) as never);

const asked = async (
  fingerprint: Fingerprinter,
  { made = right, at = holds }: { made?: Fingerprinter; at?: Store } = {},
) => {
  const version = { number: 1, label: "current", life: "valid", fingerprints: made(value) };
  const address = { store: storeId("documents"), document: "control", fields: {} };
  const credential = { id: "control-shop", control: true, declared: true, store: address };
  const views = [{ credential, versions: [version] }] as unknown as readonly CredentialView[];
  const ledger = { credentials: async () => views };
  return await valueChecks({ ledger, fingerprint, stores: new Map([[address.store, at]]), call });
};

test("a pepper that makes something else of a value that lives is seen, whoever started first", async () => {
  expect(await asked(right)).toMatchObject([{ ok: true }]);
  expect(await asked(pepper("one", "wrong"))).toMatchObject([
    { ok: false, found: expect.stringContaining("control-shop#1") as string },
  ]);
});

const skipped = (why: string) => [
  { name: "pepper and values", ok: true, skipped: true, found: `nothing to compare: ${why}` },
];

test("where there is nothing to compare the line says why", async () => {
  const away = store(async () => await Promise.reject(new Fault("STORE_UNREACHABLE")));
  expect(await asked(right, { at: away })).toEqual(skipped("control-shop#1: STORE_UNREACHABLE"));
  const empty = store(async () => await Promise.resolve(undefined));
  expect(await asked(right, { at: empty })).toEqual(
    skipped("control-shop#1: its store holds no value"),
  );
  expect(await asked(right, { made: () => [] })).toEqual(
    skipped("control-shop#1: the ledger has no fingerprint of it"),
  );
  const before = { credentials: async () => await Promise.resolve([]) };
  const looking = { fingerprint: right, stores: new Map(), call };
  expect(await valueChecks({ ...looking, ledger: before })).toEqual(
    skipped("no control credential has a version yet"),
  );
  const gone = async () => await Promise.reject(new Fault("LEDGER_UNREACHABLE"));
  expect(await valueChecks({ ...looking, ledger: { credentials: gone } })).toEqual(
    skipped("the ledger: LEDGER_UNREACHABLE"),
  );
});

test("a pepper under whose id the ledger has nothing of a value that was read is not well", async () => {
  expect(await asked(pepper("two", "next"))).toMatchObject([
    { ok: false, found: expect.stringContaining("control-shop#1 by another pepper") as string },
  ]);
});
