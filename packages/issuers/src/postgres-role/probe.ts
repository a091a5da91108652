import type { ProbeReply } from "@rekey/domain";
import type { LoginRefusal } from "./client.ts";

type Answer = Pick<ProbeReply, "answer" | "strength" | "code">;

// Both refusals of this server function come after the password was accepted. pg_hba's refusals have the
// same SQLSTATE and come from another one. Poolers give no routine: then the untranslated text decides.
const afterAuthentication = "InitializeSessionUserId";
const notPermitted = /is not permitted to log in$/;
const unknownRole = /^role ".*" does not exist$/s;

/** What one login says about the credential. Whatever is not a refusal of this very login is `unknown`. */
export function answerOf(refusal: LoginRefusal | undefined): Answer {
  if (refusal === undefined) return { answer: "alive", strength: "strong", code: "00000" };
  const { code } = refusal;
  if (code === "28P01") return { answer: "dead", strength: "weak", code };
  if (code === "28000" && disabled(refusal)) return { answer: "dead", strength: "strong", code };
  return { answer: "unknown", strength: "weak", code };
}

function disabled(refusal: LoginRefusal): boolean {
  if (refusal.routine !== undefined) return refusal.routine === afterAuthentication;
  return notPermitted.test(refusal.message) || unknownRole.test(refusal.message);
}
