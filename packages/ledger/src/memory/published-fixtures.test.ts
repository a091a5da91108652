import { createRequire } from "node:module";
import {
  auditWireTypes,
  decodeAuditEvent,
  decodeCloudEvent,
  structuredContentType,
  topicNames,
} from "@rekey/contracts";
import { auditEventTypes, type AuditEventType } from "@rekey/domain";
import { newId } from "@rekey/runtime";
import { expect, test } from "vitest";
import { readFileSync } from "node:fs";
import { drainOutbox } from "../suite/telling.suite.ts";
import { claimed, commitOf, must, openRotation } from "../suite/turns.suite.ts";
import { prepare, type LedgerWorld } from "../suite/world.suite.ts";
import { openMemoryLedger } from "./ledger.ts";

const { resolve } = createRequire(import.meta.url);

const fixtureOf = (type: AuditEventType) => {
  const value = readFileSync(
    resolve(`@rekey/contracts/fixtures/audit/fixtures/${auditWireTypes[type]}.json`),
  );
  const headers = { "content-type": structuredContentType };
  const event = must(decodeCloudEvent({ headers, value }).value);
  const { at, build, digest: _digest, ...draft } = must(decodeAuditEvent(event).value);
  return { document: JSON.parse(value.toString()) as unknown, at, build, draft };
};

test.each(auditEventTypes)(
  "%s leaves the ledger as its fixture says, to the last field",
  async (type) => {
    const { document, at, build, draft } = fixtureOf(type);
    const ledger = openMemoryLedger({ now: () => at, newId, build });
    const world = { ledger } as unknown as LedgerWorld;
    await prepare(world);
    const claim = await claimed(ledger, await openRotation(world, "payments-db"));
    must(await ledger.recordRotation(claim.hold, commitOf(claim, { audit: [draft] })));
    const sent = (await drainOutbox(world)).filter(({ topic }) => topic === topicNames.audit);
    const told = sent.map(({ value }) => JSON.parse(value) as { readonly id: string });
    expect(told.find(({ id }) => id === draft.id)).toEqual(document);
  },
);
