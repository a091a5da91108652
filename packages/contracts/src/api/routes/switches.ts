import { modes, modeScopes } from "@rekey/domain";
import { z } from "zod";
import { textSchema } from "../../text.ts";
import { listOf } from "../page.ts";
import { route } from "../route.ts";

const settingsMax = 10_000;

const setting = z.object({
  scope: z.enum(modeScopes),
  /** Empty for `everything`. */
  name: z.string().max(128),
  mode: z.enum(modes),
});

const pause = z.object({
  paused: z.boolean(),
  all: z.boolean(),
  reason: z.string().exactOptional(),
});

const switches = z.object({ modes: listOf(setting, settingsMax), pause });

const reply = {
  modes: [{ scope: "environment" as const, name: "production", mode: "act" as const }],
  pause: { paused: false, all: false },
};
const reason = textSchema(512);

export const switchRoutes = {
  modes: route({
    method: "GET",
    path: "/v1/modes",
    summary: "Every mode that is set, and whether Rekey is paused.",
    command: "mode.read",
    reply: switches,
    example: { reply },
  }),
  setMode: route({
    method: "POST",
    path: "/v1/modes",
    summary:
      "What a scope may do: observe, propose or act. The most restrictive one that applies wins.",
    command: "mode.set",
    body: z.strictObject({ ...setting.shape, reason }),
    reply: switches,
    example: {
      body: { scope: "environment", name: "production", mode: "act", reason: "trial is over" },
      reply,
    },
  }),
  pause: route({
    method: "POST",
    path: "/v1/pause",
    summary:
      "Stops new planned effects within 2 s; containment too with `all`. Signals are still recorded.",
    command: "pause",
    body: z.strictObject({ all: z.boolean().default(false), reason }),
    reply: switches,
    example: {
      body: { reason: "the provider has an incident" },
      reply: {
        ...reply,
        pause: { paused: true, all: false, reason: "the provider has an incident" },
      },
    },
  }),
  unpause: route({
    method: "POST",
    path: "/v1/unpause",
    summary: "Lets effects go on.",
    command: "unpause",
    body: z.strictObject({ reason }),
    reply: switches,
    example: { body: { reason: "the incident is over" }, reply },
  }),
};
