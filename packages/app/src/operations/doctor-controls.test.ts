import {
  credentialId,
  Fault,
  issuerId,
  type CredentialView,
  type ProbeRecord,
} from "@rekey/domain";
import { issuerCatalog } from "@rekey/issuers";
import { openMemoryLedger } from "@rekey/ledger";
import { newId } from "@rekey/runtime";
import { Secret } from "@rekey/secret";
import { expect, test } from "vitest";
import { controlChecks, judgeControls } from "./doctor-controls.ts";

const probe = (
  role: ProbeRecord["role"],
  answer: ProbeRecord["answer"],
  code: string,
): ProbeRecord => ({
  role,
  answer,
  code,
  strength: "weak",
  vantage: "primary",
  at: 0,
  of: { credential: credentialId("control-shop"), version: 1 },
});
const refused = probe("negative-control", "dead", "28P01");
const letIn = probe("positive-control", "alive", "00000");
const judged = (...probes: readonly ProbeRecord[]) => judgeControls("shop", probes, "primary");

test("an endpoint that lets in the control and refuses a wrong value is fit for proofs", () => {
  expect(judged(refused, letIn)).toMatchObject({ ok: true });
});

test.each([
  {
    what: "lets in a wrong value",
    probes: [probe("negative-control", "alive", "00000"), letIn],
    says: [/negative-control alive/, /pg_hba/],
  },
  {
    what: "refuses the control",
    probes: [refused, probe("positive-control", "dead", "28000")],
    says: [/positive-control dead 28000/, /disabled/],
  },
  {
    what: "does not answer",
    probes: [probe("negative-control", "unknown", "ECONNREFUSED"), letIn],
    says: [/ECONNREFUSED/, /reachability/],
  },
  { what: "was not asked", probes: [refused], says: [/positive-control none/, /reachability/] },
])("an endpoint that $what is not, and says what to do", ({ probes, says: [found, next] }) => {
  const check = judged(...probes);
  expect(check).toMatchObject({ ok: false });
  expect(check.found).toMatch(found!);
  expect(check.found).toContain("PROOF_CONTROL_FAILED");
  expect(check.next).toMatch(next!);
});

const instance = issuerId("shop-postgres");
const issuer = issuerCatalog["postgres-role"].open({
  instance,
  options: { admin: "env:ADMIN", endpoints: [{ name: "primary", host: "127.0.0.1", port: 1 }] },
  secrets: { admin: Secret.fromUtf8("postgres://rekey@127.0.0.1:1/postgres") },
});
const call = () => ({ signal: AbortSignal.timeout(5_000), deadlineMs: 5_000, key: "doctor" });
const parts = { issuers: new Map([[instance, issuer]]), stores: new Map(), call };

test("before a control credential was minted there is nothing to try, which is said and is no failure", async () => {
  const ledger = openMemoryLedger({ now: () => Date.now(), newId, build: "test" });
  const [check, ...more] = await controlChecks({ ...parts, ledger });
  expect(check).toMatchObject({ name: "controls of shop-postgres", ok: true, skipped: true });
  expect(check?.next).toContain("rekey apply");
  expect(more).toEqual([]);
});

test("a control credential that was never minted leads to the case that is to mint it", async () => {
  const credential = { control: true, declared: true, issuer: { instance } };
  const declared = [{ credential, versions: [] }] as unknown as readonly CredentialView[];
  const credentials = async () => await Promise.resolve(declared);
  const [check] = await controlChecks({ ...parts, ledger: { credentials } });
  expect(check).toMatchObject({ ok: true, skipped: true });
  expect(check?.next).toContain("rekey case list");
});

test("a ledger that does not answer is told by its own check alone", async () => {
  const credentials = async (): Promise<never> =>
    await Promise.reject(new Fault("LEDGER_UNREACHABLE"));
  expect(await controlChecks({ ...parts, ledger: { credentials } })).toEqual([]);
});
