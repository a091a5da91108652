import { z } from "zod";
import { listOf } from "../page.ts";
import { route } from "../route.ts";

const check = z.object({
  name: z.string(),
  ok: z.boolean(),
  /** What was seen, in words: a version, a lag, a refusal. */
  found: z.string(),
  /** Nothing was asked from this process: neither well nor failed. */
  skipped: z.literal(true).exactOptional(),
  /** What a person does about it, where it is not ok. */
  next: z.string().exactOptional(),
});

const checks = listOf(check);

export const healthRoutes = {
  live: route({
    method: "GET",
    path: "/healthz",
    summary: "The process runs.",
    command: undefined,
    reply: z.object({ live: z.literal(true) }),
    example: { reply: { live: true } },
  }),
  ready: route({
    method: "GET",
    path: "/readyz",
    summary: "The process can do its work; 503 with the same body when it cannot.",
    command: undefined,
    reply: z.object({ ready: z.boolean(), checks }),
    example: {
      reply: { ready: true, checks: [{ name: "ledger", ok: true, found: "answers in 2 ms" }] },
    },
  }),
  doctor: route({
    method: "GET",
    path: "/v1/doctor",
    summary:
      "One real request to everything Rekey depends on, and what to do about each that fails.",
    command: "doctor",
    reply: z.object({ ok: z.boolean(), checks }),
    example: {
      reply: {
        ok: false,
        checks: [
          { name: "ledger", ok: true, found: "PostgreSQL 18.4" },
          {
            name: "issuer warehouse",
            ok: false,
            found: "PROVIDER_UNREACHABLE",
            next: "check the network path and the provider's own health",
          },
        ],
      },
    },
  }),
};
