import type { Call, Material, ProbeReply } from "@rekey/domain";
import type { Attempts } from "./attempts.ts";
import { isNobody } from "./bogus.ts";
import type { AppRoleServer, LoginAnswer } from "./client.ts";

export interface Prober {
  readonly server: Pick<AppRoleServer, "login" | "revokeToken">;
  readonly attempts: Attempts;
  /** False while a refused login may count towards a lock of the role. */
  readonly unlimited: (call: Call) => Promise<boolean>;
}

interface Tried {
  readonly material: Material;
  readonly vantage: string;
}

/** One login from outside; the token it makes is ended at once. Whatever is no plain refusal is `unknown`. */
export async function probe(prober: Prober, tried: Tried, call: Call): Promise<ProbeReply> {
  const { material, vantage } = tried;
  const roleId = material.fields["role_id"];
  if (roleId === undefined) return unknown("fields-missing", vantage);
  const unlimited = isNobody(roleId) || (await prober.unlimited(call));
  if (!unlimited && !prober.attempts.begin(roleId)) return unknown("lockout-near", vantage);
  const request = { vantage, roleId, secretId: material.secret };
  const answer = await prober.server.login(request, call);
  if (!unlimited) settle(prober.attempts, roleId, answer);
  if (answer.answer !== "accepted") {
    const { code } = answer;
    return answer.answer === "refused"
      ? { answer: "dead", strength: "weak", code, vantage }
      : unknown(code, vantage);
  }
  if (answer.token !== undefined) await prober.server.revokeToken(answer.token, call);
  return { answer: "alive", strength: "strong", code: "200", vantage };
}

const unknown = (code: string, vantage: string): ProbeReply => ({
  answer: "unknown",
  strength: "weak",
  code,
  vantage,
});

const statusCode = /^\d{3}$/;

/** Vault counts a secret id that it looked for and did not find. An answer with another status came before that. */
function settle(attempts: Attempts, roleId: string, answer: LoginAnswer): void {
  if (answer.answer !== "unknown") attempts.end(roleId, answer.answer);
  else if (statusCode.test(answer.code) || neverSent.has(answer.code))
    attempts.end(roleId, "uncounted");
}

const neverSent = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "CONNECT_TIMEOUT",
  "NO_ACTIVE_NODE",
  "NO_ADDRESS",
  "PAUSED",
  "SEALED",
  "STANDBY",
]);
