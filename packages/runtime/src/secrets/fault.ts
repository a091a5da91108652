/** A reference that leads to no secret. Its text names the reference, never a value. */
export class SecretFault extends Error {
  readonly code = "SECRET_UNRESOLVED";
  readonly publicText: string;

  constructor(reference: string, reason: string) {
    super(`${reference} ${reason}`);
    this.name = "SecretFault";
    this.publicText = this.message;
  }
}
