import { inventoryKinds } from "@rekey/domain";
import { z } from "zod";
import { textSchema } from "../../text.ts";
import { inventoryEntriesMax } from "../../inventory/document-schema.ts";
import { listOf } from "../page.ts";
import { route } from "../route.ts";

/** An inventory of a hundred thousand entries fits. */
const inventoryBytesMax = 64 * 1024 * 1024;

const change = z.object({
  kind: z.enum(inventoryKinds),
  id: z.string(),
  change: z.enum(["add", "change", "undeclared", "same"]),
  fields: listOf(
    z.object({ path: z.string(), from: z.unknown(), to: z.unknown() }),
    inventoryEntriesMax,
  ),
});

const difference = z.object({ difference: listOf(change, inventoryEntriesMax) });

// The document itself is read by `parseInventory`, which answers every problem with its path.
const request = z.strictObject({
  document: z.record(z.string(), z.unknown()),
  reason: textSchema(512).exactOptional(),
});

const document = {
  identities: [{ id: "payments", kind: "service" }],
};

const example = {
  body: { document, reason: "the payments team joins" },
  reply: {
    difference: [
      {
        kind: "identity" as const,
        id: "payments",
        change: "add" as const,
        fields: [{ path: "kind", from: null, to: "service" }],
      },
    ],
  },
};

export const inventoryRoutes = {
  check: route({
    method: "POST",
    path: "/v1/inventory/check",
    summary: "What applying this document would change. Changes nothing.",
    command: "inventory.check",
    body: request,
    reply: difference,
    bodyBytesMax: inventoryBytesMax,
    example,
  }),
  apply: route({
    method: "POST",
    path: "/v1/inventory/apply",
    summary: "Declares what the document says. What vanished from it is reported, never retired.",
    command: "inventory.apply",
    body: request,
    reply: difference,
    bodyBytesMax: inventoryBytesMax,
    example,
  }),
};
