/** What the payment service is started with: one JSON file, every path absolute. */
export interface ServiceSettings {
  readonly consumer: string;
  readonly instance: string;
  readonly credential: string;
  readonly document: string;
  readonly field: string;
  readonly readingKey: string;
  readonly signingKey: string;
  readonly bearer: string;
  readonly socket: string;
  /** Where attempts are written, one JSON object a line. */
  readonly attempts: string;
  readonly everyMs: number;
}
