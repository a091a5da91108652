import { Fault } from "@rekey/domain";
import { systemClock, type SecretSource } from "@rekey/runtime";
import { Secret } from "@rekey/secret";
import { z } from "zod";
import { topicRefused } from "../refusals.ts";
import type { TopicRefusal } from "../refusals.ts";
import { grantForm } from "./connect.ts";

interface Grant {
  readonly url: string;
  readonly clientId: string;
  readonly clientSecret: SecretSource;
  readonly scope?: string | undefined;
  /** What the token is for (RFC 8707). */
  readonly resource?: string | undefined;
  /** For tests. */
  readonly monotonicMs?: () => number;
  /** Until the whole reply is there. */
  readonly askMs?: number;
}

const askMsDefault = 5_000;
/** A token this close to its end is not given out: the broker would refuse it soon. */
const earlyMs = 60_000;
const replyBytesMax = 65_536;

const reply = z.object({
  access_token: z.string().min(1),
  expires_in: z.number().positive().default(300),
});

const refusalReply = z.object({ error: z.string() });

// The words of RFC 6749, 5.2, and RFC 8707, 2, for what a person must mend; of anything else the status is told.
const refusals: Readonly<Record<string, TopicRefusal>> = {
  invalid_client: "TOKEN_INVALID_CLIENT",
  invalid_request: "TOKEN_INVALID_REQUEST",
  invalid_scope: "TOKEN_INVALID_SCOPE",
  invalid_target: "TOKEN_INVALID_TARGET",
  unauthorized_client: "TOKEN_UNAUTHORIZED_CLIENT",
  unsupported_grant_type: "TOKEN_UNSUPPORTED_GRANT",
};

const refusalOfStatus: Readonly<Record<number, TopicRefusal>> = {
  401: "TOKEN_INVALID_CLIENT",
  403: "TOKEN_UNAUTHORIZED_CLIENT",
};

interface Kept {
  readonly token: Secret;
  readonly until: number;
}

/**
 * Bearer tokens by the client credentials grant (RFC 6749, 4.4), each used until shortly before its end or until
 * it is refused; one request for all who ask at once. Throws TOPIC_REJECTED where the server refuses the client or
 * what it asks for, else TOPICS_UNREACHABLE: with the status or a code of ours and never with what the server said.
 */
export const grantedToken = (grant: Grant): SecretSource => {
  const { monotonicMs = () => systemClock.monotonicMs() } = grant;
  let kept: Kept | undefined;
  let asking: Promise<Kept> | undefined;
  const ask = async (): Promise<Kept> => {
    const from = monotonicMs();
    const { token, lifeMs } = await askForToken(grant);
    kept = { token, until: from + Math.max(0, lifeMs - earlyMs) };
    return kept;
  };
  return {
    read: async () => {
      if (kept !== undefined && monotonicMs() < kept.until) return kept.token;
      asking ??= ask().finally(() => {
        asking = undefined;
      });
      return (await asking).token;
    },
    // One that is being asked for is newer than the one that was refused.
    invalidate: () => {
      kept = undefined;
    },
  };
};

const askForToken = async ({
  url,
  clientSecret,
  askMs = askMsDefault,
  ...rest
}: Grant): Promise<{ readonly token: Secret; readonly lifeMs: number }> => {
  const form = grantForm({ ...rest, clientSecret: await clientSecret.read() });
  const signal = AbortSignal.timeout(askMs);
  const post = { method: "POST", body: form, redirect: "error", signal } as const;
  const response = await fetch(url, post).catch((cause: unknown) => {
    throw refused(signal.aborted ? "TOKEN_LATE" : "TOKEN_UNREACHABLE", cause);
  });
  const text = await boundedText(response, signal);
  if (!response.ok) {
    const refusal = refusalOf(response.status, text);
    if (refusal === undefined) throw refused(`TOKEN_${response.status}`);
    clientSecret.invalidate();
    throw topicRefused(refusal);
  }
  const parsed = reply.safeParse(jsonOf(text));
  if (!parsed.success) throw refused("TOKEN_UNREADABLE");
  const { access_token: value, expires_in: seconds } = parsed.data;
  return { token: Secret.fromUtf8(value), lifeMs: seconds * 1_000 };
};

/** Busy or broken servers answer otherwise, and are asked again. */
const refusalOf = (status: number, text: string): TopicRefusal | undefined => {
  if (status < 400 || status >= 500) return undefined;
  const parsed = refusalReply.safeParse(jsonOf(text));
  return (parsed.success ? refusals[parsed.data.error] : undefined) ?? refusalOfStatus[status];
};

/** What goes beyond the bound is not read: leaving the loop ends the connection. */
const boundedText = async ({ body }: Response, signal: AbortSignal): Promise<string> => {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const chunk of body ?? []) {
      bytes += chunk.byteLength;
      if (bytes > replyBytesMax) break;
      chunks.push(chunk);
    }
  } catch (cause) {
    throw refused(signal.aborted ? "TOKEN_LATE" : "TOKEN_CUT_OFF", cause);
  }
  if (bytes > replyBytesMax) throw refused("TOKEN_OVERSIZED");
  return Buffer.concat(chunks).toString("utf8");
};

const jsonOf = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

const refused = (providerCode: string, cause?: unknown): Fault =>
  new Fault("TOPICS_UNREACHABLE", { providerCode, ...(cause === undefined ? {} : { cause }) });
