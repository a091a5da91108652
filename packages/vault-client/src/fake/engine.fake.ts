import type { FakeToken } from "./tokens.fake.ts";

/** One request as an engine sees it: `path` is decoded and below the engine's mount. */
export interface FakeRequest {
  readonly method: "GET" | "LIST" | "POST" | "DELETE";
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly body: Readonly<Record<string, unknown>>;
  /** Undefined only where the engine allows it. */
  readonly token: FakeToken | undefined;
}

export interface FakeReply {
  readonly status: number;
  /** Without it, and with 204, there is no body. */
  readonly body?: Readonly<Record<string, unknown>>;
}

/** A secrets or auth engine: what `core.mount` takes. */
export interface FakeEngine {
  answer(request: FakeRequest): FakeReply;
  /** True for paths that need no token, such as a login. */
  isOpen?(path: string): boolean;
  /** Tells a POST's capability: `create` for false, `update` for true and where it is left out. */
  exists?(path: string): boolean;
}

export const noContent: FakeReply = { status: 204 };

export const fakeError = (status: number, ...errors: readonly string[]): FakeReply => ({
  status,
  body: { errors },
});

export const nothingThere = fakeError(404);

/** Vault's envelope around an engine's data. */
export const wrappedReply = (data: Readonly<Record<string, unknown>>, status = 200): FakeReply => ({
  status,
  body: { ...envelope, data },
});

export const authReply = (auth: Readonly<Record<string, unknown>>): FakeReply => ({
  status: 200,
  body: { ...envelope, data: null, auth },
});

const envelope = {
  request_id: "00000000-0000-4000-8000-000000000000",
  lease_id: "",
  renewable: false,
  lease_duration: 0,
  wrap_info: null,
  warnings: null,
  auth: null,
} as const;
