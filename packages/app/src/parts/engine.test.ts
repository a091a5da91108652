import { issuerId, type Issuer } from "@rekey/domain";
import { createProviderShare } from "@rekey/engine";
import { openMemoryLedger } from "@rekey/ledger";
import { newId, silentLog, systemClock } from "@rekey/runtime";
import { expect, test } from "vitest";
import { beatParts, engineParts, intakeParts, type EngineWiring } from "./engine.ts";

const issuer = { kind: "test", instance: issuerId("main") } as unknown as Issuer;

const wiring: EngineWiring = {
  parts: {
    ledger: openMemoryLedger({ now: () => Date.now(), newId, build: "test" }),
    providers: { acts: true, issuers: new Map([[issuer.instance, issuer]]), stores: new Map() },
    fingerprint: () => [],
  },
  config: { producers: {}, watchAfter: [] },
  kinds: ["intake"],
  inFlight: {
    beside: () => undefined,
    newAbort: () => new AbortController(),
    settled: async () => await Promise.resolve(),
  },
  providerShare: createProviderShare({ clock: systemClock }),
  failpoint: async () => await Promise.resolve(),
  log: silentLog,
  worker: "test",
};

test("whatever calls providers in a process shares one budget, and its beat divides it", () => {
  const { providerShare } = wiring;
  expect(providerShare).toBeDefined();
  expect(engineParts(wiring).providerShare).toBe(providerShare);
  expect(intakeParts(wiring).providerShare).toBe(providerShare);
  expect(beatParts(wiring).providerShare).toBe(providerShare);
});
