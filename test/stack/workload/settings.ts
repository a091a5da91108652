/** What the service is started with: one JSON file, every path absolute. */
export interface ServiceSettings {
  readonly consumer: string;
  readonly signingKey: string;
  /** Of every replica of the gateway. */
  readonly sockets: readonly string[];
  readonly vault: { readonly address: string; readonly roleId: string; readonly secretId: string };
  /** Where attempts are written, one JSON object a line. */
  readonly attempts: string;
  readonly everyMs: number;
  readonly database: {
    readonly credential: string;
    readonly document: string;
    readonly field: string;
    readonly versionField: string;
  };
  /** A secret id of its own that it logs in to Vault with, and that is rotated too. */
  readonly login: {
    readonly credential: string;
    readonly document: string;
    readonly secretIdField: string;
    readonly roleIdField: string;
    readonly versionField: string;
  };
}
