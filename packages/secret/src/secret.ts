import { createHmac, createSecretKey, hash, timingSafeEqual, type KeyObject } from "node:crypto";
import { inspect } from "node:util";

/** A keyed digest that recognises a value without holding it; safe to store, log and compare. */
export type Fingerprint = {
  readonly scheme: `hmac-sha256:${string}`;
  readonly value: string;
};

/** The key of fingerprints. A new pepper gets a new id: fingerprints of two peppers never compare. */
export type Pepper = { readonly id: string; readonly key: Secret };

const shown = "[secret]";
const newline = 0x0a;
const carriageReturn = 0x0d;

/** The bytes of a credential. Every way to print or serialise it yields `[secret]` or throws. */
export class Secret {
  #bytes: Uint8Array | undefined;
  /** The bytes as OpenSSL keeps a key: made once, as fingerprints are many and their pepper is one. */
  #key: KeyObject | undefined;

  private constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    // An own function makes structuredClone and postMessage throw instead of silently sending an
    // empty object. One function per instance, so that deep equality in tests never calls two
    // different secrets equal.
    Object.defineProperty(this, "notCloneable", { enumerable: true, value: () => shown });
    Object.freeze(this);
  }

  static fromUtf8(text: string): Secret {
    return new Secret(ownCopy(Buffer.from(text, "utf8")));
  }

  /** Copies: the caller may and should overwrite its own bytes afterwards. */
  static fromBytes(bytes: Uint8Array): Secret {
    return new Secret(ownCopy(bytes));
  }

  /** The value as text. Lint allows the call only where a value leaves Rekey. */
  reveal(): string {
    return Buffer.from(this.revealBytes().buffer).toString("utf8");
  }

  /** The bytes themselves, not a copy: `dispose()` overwrites them for whoever holds them too. */
  revealBytes(): Uint8Array {
    if (this.#bytes === undefined) throw new TypeError("the secret was disposed");
    return this.#bytes;
  }

  /** Constant time, whatever the lengths: it compares digests of equal size. */
  equals(other: Secret): boolean {
    return timingSafeEqual(digest(this.revealBytes()), digest(other.revealBytes()));
  }

  /** A value read from a file or a shell fingerprints like the value itself: one newline at the end is not part of it. */
  fingerprint(pepper: Pepper): Fingerprint {
    const mac = createHmac("sha256", pepper.key.#keyObject());
    mac.update(withoutOneNewline(this.revealBytes()));
    return { scheme: `hmac-sha256:${pepper.id}`, value: mac.digest("hex") };
  }

  #keyObject(): KeyObject {
    const bytes = this.revealBytes();
    return (this.#key ??= createSecretKey(bytes));
  }

  /**
   * Overwrites the bytes; every later use throws. Strings given out by `reveal()` are beyond reach; of a pepper
   * OpenSSL's own copy is overwritten when it is collected.
   */
  dispose(): void {
    this.#bytes?.fill(0);
    this.#bytes = undefined;
    this.#key = undefined;
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  toString(): string {
    return shown;
  }

  toJSON(): string {
    return shown;
  }

  [Symbol.toPrimitive](): string {
    return shown;
  }

  [inspect.custom](): string {
    return shown;
  }

  get [Symbol.toStringTag](): string {
    return "Secret";
  }
}

// Buffer.from and small Buffers share one pool, whose other users would see our bytes.
function ownCopy(bytes: Uint8Array): Uint8Array {
  const copy = new Uint8Array(bytes.byteLength);
  copy.set(bytes);
  return copy;
}

function digest(bytes: Uint8Array): Buffer {
  return hash("sha256", bytes, "buffer");
}

function withoutOneNewline(bytes: Uint8Array): Uint8Array {
  if (bytes.at(-1) !== newline) return bytes;
  return bytes.subarray(0, bytes.at(-2) === carriageReturn ? -2 : -1);
}
