import type { Secret } from "@rekey/secret";

interface GrantForm {
  readonly clientId: string;
  readonly clientSecret: Secret;
  readonly scope?: string | undefined;
}

/** The body of a token request; it goes to the token server alone. */
export const grantForm = ({ clientId, clientSecret, scope }: GrantForm): URLSearchParams =>
  new URLSearchParams({
    grant_type: "client_credentials",
    client_id: clientId,
    client_secret: clientSecret.reveal(),
    ...(scope !== undefined && { scope }),
  });
