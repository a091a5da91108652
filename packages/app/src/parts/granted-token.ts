import { Fault } from "@rekey/domain";
import { systemClock, type SecretSource } from "@rekey/runtime";
import { Secret } from "@rekey/secret";
import { z } from "zod";
import { grantForm } from "./connect.ts";

interface Grant {
  readonly url: string;
  readonly clientId: string;
  readonly clientSecret: SecretSource;
  readonly scope?: string | undefined;
  /** For tests. */
  readonly ask?: typeof fetch;
  readonly monotonicMs?: () => number;
}

const askMs = 5_000;
/** A token this close to its end is not given out: the broker would refuse it soon. */
const earlyMs = 60_000;
const replyBytesMax = 65_536;

const reply = z.object({
  access_token: z.string().min(1),
  expires_in: z.number().positive().default(300),
});

/**
 * Bearer tokens by the client credentials grant (RFC 6749, 4.4), each used until shortly before its end. Throws
 * TOPICS_UNREACHABLE, with the status or a code of ours and never with what the server said.
 */
export const grantedToken = (grant: Grant): (() => Promise<Secret>) => {
  const { monotonicMs = () => systemClock.monotonicMs() } = grant;
  let kept: { readonly token: Secret; readonly until: number } | undefined;
  return async () => {
    if (kept !== undefined && monotonicMs() < kept.until) return kept.token;
    const from = monotonicMs();
    const { token, lifeMs } = await askForToken(grant);
    kept = { token, until: from + Math.max(0, lifeMs - earlyMs) };
    return token;
  };
};

const askForToken = async ({
  url,
  clientSecret,
  ask = fetch,
  ...rest
}: Grant): Promise<{ readonly token: Secret; readonly lifeMs: number }> => {
  const response = await ask(url, {
    method: "POST",
    body: grantForm({ ...rest, clientSecret: await clientSecret.read() }),
    redirect: "error",
    signal: AbortSignal.timeout(askMs),
  }).catch((cause: unknown) => {
    throw refused("TOKEN_UNREACHABLE", cause);
  });
  if (!response.ok) {
    if (response.status === 400 || response.status === 401) clientSecret.invalidate();
    throw refused(`TOKEN_${response.status}`);
  }
  const text = await response.text();
  const parsed = text.length > replyBytesMax ? undefined : reply.safeParse(jsonOf(text));
  if (parsed?.success !== true) throw refused("TOKEN_UNREADABLE");
  const { access_token: value, expires_in: seconds } = parsed.data;
  return { token: Secret.fromUtf8(value), lifeMs: seconds * 1_000 };
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
