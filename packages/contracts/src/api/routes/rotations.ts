import { z } from "zod";
import { inventoryNameSchema, textSchema, uuidSchema } from "../../text.ts";
import { auditEventExample, rotationExample } from "../examples.ts";
import { cursorSchema, listOf, pollQuery } from "../page.ts";
import { route } from "../route.ts";
import { auditEventView } from "../views/audit.ts";
import { effectsMax, effectView, rotationView } from "../views/rotation.ts";

const params = z.strictObject({ rotation: uuidSchema });
/** For the audit log. */
const reason = textSchema(512).exactOptional();
const detail = z.object({ rotation: rotationView, effects: listOf(effectView, effectsMax) });
const reply = {
  rotation: rotationExample,
  effects: [{ step: "contain#3", attempt: 1, version: 3, state: "confirmed" as const }],
};

export const rotationRoutes = {
  show: route({
    method: "GET",
    path: "/v1/rotations/:rotation",
    summary: "One rotation: its plan, what is done, and every effect with its outcome.",
    command: "rotation.read",
    params,
    reply: detail,
    example: { reply },
  }),
  resume: route({
    method: "POST",
    path: "/v1/rotations/:rotation/resume",
    summary:
      "Goes on after a halt. `cutOff` allows it to leave consumers behind that have not moved.",
    command: "rotation.resume",
    params,
    body: z.strictObject({ cutOff: z.boolean().default(false), reason }),
    reply: detail,
    example: { body: { cutOff: false, reason: "the warehouse answers again" }, reply },
  }),
  undo: route({
    method: "POST",
    path: "/v1/rotations/:rotation/undo",
    summary: "Goes back to the version before, until revoke is intended; never to an exposed one.",
    command: "rotation.undo",
    params,
    body: z.strictObject({ reason }),
    reply: detail,
    example: { body: { reason: "the new version broke a report" }, reply },
  }),
};

export const auditRoutes = {
  tail: route({
    method: "GET",
    path: "/v1/audit",
    summary: "The audit log from a cursor on; with `waitMs` a long poll for what comes next.",
    command: "audit.read",
    query: z.strictObject({
      ...pollQuery,
      credential: inventoryNameSchema.exactOptional(),
      case: uuidSchema.exactOptional(),
    }),
    reply: z.object({ events: listOf(auditEventView), next: cursorSchema.exactOptional() }),
    example: { reply: { events: [auditEventExample], next: auditEventExample.id } },
  }),
};
