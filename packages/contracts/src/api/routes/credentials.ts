import { causeKinds, modes } from "@rekey/domain";
import { z } from "zod";
import { inventoryNameSchema, textSchema } from "../../text.ts";
import { credentialExample, rotationExample } from "../examples.ts";
import { cursorSchema, listOf, pageQuery } from "../page.ts";
import { refusedSchema } from "../refusal.ts";
import { route } from "../route.ts";
import { credentialView } from "../views/credential.ts";
import { plannedStepView } from "../views/rotation.ts";
import { acceptedExample, acceptedReply } from "./accepted.ts";

const params = z.strictObject({ credential: inventoryNameSchema });
const reason = textSchema(512);
const wanted = z.enum(["successor", "none"]);
const stepsMax = 1_000;

export const credentialRoutes = {
  list: route({
    method: "GET",
    path: "/v1/credentials",
    summary: "Credentials in id order.",
    command: "credential.read",
    query: z.strictObject({
      ...pageQuery,
      environment: textSchema(64).exactOptional(),
      identity: inventoryNameSchema.exactOptional(),
    }),
    reply: z.object({ credentials: listOf(credentialView), next: cursorSchema.exactOptional() }),
    example: { reply: { credentials: [credentialExample], next: "payments-db" } },
  }),
  show: route({
    method: "GET",
    path: "/v1/credentials/:credential",
    summary: "One credential with its versions, consumers and active rotation.",
    command: "credential.read",
    params,
    reply: credentialView,
    example: { reply: credentialExample },
  }),
  plan: route({
    method: "GET",
    path: "/v1/credentials/:credential/plan",
    summary: "The steps a rotation would take now, or why there is no safe order. Changes nothing.",
    command: "credential.plan",
    params,
    query: z.strictObject({
      cause: z.enum(causeKinds).default("manual"),
      wanted: wanted.default("successor"),
    }),
    reply: z.object({
      credential: z.string(),
      mode: z.enum(modes),
      steps: listOf(plannedStepView, stepsMax),
      refused: refusedSchema.exactOptional(),
    }),
    example: { reply: { credential: "payments-db", mode: "act", steps: rotationExample.plan } },
  }),
  rotate: route({
    method: "POST",
    path: "/v1/credentials/:credential/rotate",
    summary: "Asks for a new version, or with `wanted: none` for the end of the credential.",
    command: "credential.rotate",
    params,
    body: z.strictObject({ wanted: wanted.default("successor"), reason }),
    reply: acceptedReply,
    example: { body: { reason: "before the audit" }, reply: acceptedExample },
  }),
  acknowledgeForeign: route({
    method: "POST",
    path: "/v1/credentials/:credential/foreign",
    summary: "A person vouches for a principal that Rekey neither minted nor adopted.",
    command: "credential.rotate",
    params,
    body: z.strictObject({ principal: textSchema(512), reason }),
    reply: z.object({ credential: z.string(), principal: z.string() }),
    example: {
      body: { principal: "payments_migration", reason: "made by hand for the migration" },
      reply: { credential: "payments-db", principal: "payments_migration" },
    },
  }),
};
