import { z } from "zod";
import { cursorSchema, listOf, pollQuery } from "../api/page.ts";
import { route } from "../api/route.ts";
import { inventoryNameSchema } from "../text.ts";
import { announcementSchema, announcementType } from "./announcement.ts";
import { consumerJwsLengthMax } from "./verify.ts";

/** Announcements of one answer. */
export const announcementsMax = 100;

const signed = z.strictObject({ jws: z.string().min(1).max(consumerJwsLengthMax) });
const example = { body: { jws: "eyJhbGciOiJFZERTQSJ9.e30.c2ln" } };

/** `counted`: signed by the consumer's registered key. `noted`: kept for people, never lets a drain end. */
const receipt = z.object({ outcome: z.enum(["counted", "noted"]) });

/** What a workload calls, with a bearer of its own. */
export const consumerRoutes = {
  announcements: route({
    method: "GET",
    path: "/v1/announcements",
    summary: "Long poll: what was promoted for this consumer after the cursor, oldest first.",
    command: "announcement.read",
    query: z.strictObject({
      consumer: inventoryNameSchema,
      after: pollQuery.after,
      waitMs: pollQuery.waitMs,
    }),
    reply: z.object({
      announcements: listOf(announcementSchema, announcementsMax),
      /** Send it as `after` next time; without one the newest announcement of each credential comes first. */
      cursor: cursorSchema,
    }),
    example: {
      reply: {
        announcements: [
          {
            type: announcementType,
            credential: "payments-db",
            version: 3,
            rotation: "01977a3e-5b5e-7c1a-8f53-0d3c6a1b2c4d",
            sequence: 17,
            at: "2026-03-02T12:00:09.500Z",
          },
        ],
        cursor: "17",
      },
    },
  }),
  acknowledge: route({
    method: "POST",
    path: "/v1/acknowledgements",
    summary: "An instance says, signed by its consumer's key, that it moved to a version.",
    command: "acknowledge",
    body: signed,
    reply: receipt,
    example: { ...example, reply: { outcome: "counted" } },
  }),
  heartbeat: route({
    method: "POST",
    path: "/v1/heartbeats",
    summary: "An instance says, signed by its consumer's key, that it runs.",
    command: "acknowledge",
    body: signed,
    reply: receipt,
    example: { ...example, reply: { outcome: "counted" } },
  }),
};
