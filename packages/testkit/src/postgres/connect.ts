import type { Secret } from "@rekey/secret";

/** Of a throw-away test server only: its password protects nothing. */
export function plainUrl(url: Secret): string {
  return url.reveal();
}
