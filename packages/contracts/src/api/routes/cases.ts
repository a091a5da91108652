import { signalOutcomes } from "@rekey/domain";
import { z } from "zod";
import { textSchema, uuidSchema } from "../../text.ts";
import {
  auditEventExample,
  caseDetailExample,
  caseExample,
  obligationExample,
} from "../examples.ts";
import { cursorSchema, flagSchema, listOf, pageQuery, pollQuery } from "../page.ts";
import { route } from "../route.ts";
import { auditEventView } from "../views/audit.ts";
import { caseDetailView, caseView, obligationView, signalView } from "../views/case.ts";

const params = z.strictObject({ case: uuidSchema });
const next = cursorSchema.exactOptional();

const outcomesSchema = z.codec(z.string().max(128), z.array(z.enum(signalOutcomes)).min(1), {
  decode: (text) => text.split(",") as (typeof signalOutcomes)[number][],
  encode: (outcomes) => outcomes.join(","),
});

const caseRead = {
  show: route({
    method: "GET",
    path: "/v1/cases/:case",
    summary: "One case with everything that follows from it.",
    command: "case.read",
    params,
    reply: caseDetailView,
    example: { reply: caseDetailExample },
  }),
  watch: route({
    method: "GET",
    path: "/v1/cases/:case/watch",
    summary: "Long poll: answers when the case moved after the cursor, or when `waitMs` is over.",
    command: "case.read",
    params,
    query: z.strictObject(pollQuery),
    reply: z.object({ detail: caseDetailView, events: listOf(auditEventView), next }),
    example: {
      reply: { detail: caseDetailExample, events: [auditEventExample], next: auditEventExample.id },
    },
  }),
};

export const caseRoutes = {
  ...caseRead,
  list: route({
    method: "GET",
    path: "/v1/cases",
    summary: "Cases, the newest first.",
    command: "case.read",
    query: z.strictObject({ ...pageQuery, open: flagSchema.exactOptional() }),
    reply: z.object({ cases: listOf(caseView), next }),
    example: { reply: { cases: [caseExample] } },
  }),
  signals: route({
    method: "GET",
    path: "/v1/signals",
    summary: "What became of each signal: the way to find those that were refused or quarantined.",
    command: "case.read",
    query: z.strictObject({ ...pageQuery, outcomes: outcomesSchema.exactOptional() }),
    reply: z.object({ signals: listOf(signalView), next }),
    example: {
      reply: {
        signals: [
          {
            id: "0197a3c2-ae00-7c11-8a21-0c1d2e3f4a5b",
            outcome: "quarantined",
            reason: "the event could not be understood",
            source: "scanner",
            eventId: "scan-7f31:0",
            receivedAt: "2026-03-02T09:15:05.000Z",
            problems: [{ path: "data.severity", reason: "is not a known severity" }],
          },
        ],
      },
    },
  }),
  approve: route({
    method: "POST",
    path: "/v1/cases/:case/approve",
    summary: "Lets the case act; the approver is another person than the requester.",
    command: "case.approve",
    params,
    body: z.strictObject({ reason: textSchema(512).exactOptional() }),
    reply: caseDetailView,
    example: { body: { reason: "seen in the change window" }, reply: caseDetailExample },
  }),
  dismiss: route({
    method: "POST",
    path: "/v1/cases/:case/dismiss",
    summary: "A false alarm: what was suspended for it is reinstated where that is allowed.",
    command: "case.dismiss",
    params,
    body: z.strictObject({ reason: textSchema(512) }),
    reply: caseDetailView,
    example: { body: { reason: "a test fixture, never valid" }, reply: caseDetailExample },
  }),
  debt: route({
    method: "GET",
    path: "/v1/debt",
    summary: "Every revocation that is owed, the oldest first.",
    command: "debt.read",
    query: z.strictObject(pageQuery),
    reply: z.object({ obligations: listOf(obligationView), next }),
    example: { reply: { obligations: [obligationExample] } },
  }),
};
