import { StackFault } from "../fault.ts";

const requestMaxMs = 30_000;

export interface VaultRequest {
  readonly method: "GET" | "POST" | "PUT";
  /** Below `/v1/`. */
  readonly path: string;
  readonly token?: string;
  readonly body?: Readonly<Record<string, unknown>>;
}

/** The answer's body. Throws REQUEST_FAILED with Vault's own words; neither token nor body is part of it. */
export const askVault = async (
  address: string,
  request: VaultRequest,
): Promise<Record<string, unknown>> => {
  const { method, path, token, body } = request;
  const response = await fetch(`${address}/v1/${path}`, {
    method,
    redirect: "manual",
    signal: AbortSignal.timeout(requestMaxMs),
    headers: token === undefined ? {} : { "x-vault-token": token },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) {
    throw new StackFault(
      "REQUEST_FAILED",
      `vault answered ${response.status} to ${method} ${path}: ${text.slice(0, textMax)}`,
    );
  }
  return text === "" ? {} : (JSON.parse(text) as Record<string, unknown>);
};

const textMax = 300;
const healthMaxMs = 2_000;

/** 200 active, 429 standby, 501 not initialised, 503 sealed; undefined when nothing answers. */
export const vaultHealth = async (address: string): Promise<number | undefined> => {
  try {
    const signal = AbortSignal.timeout(healthMaxMs);
    const response = await fetch(`${address}/v1/sys/health`, { signal, redirect: "manual" });
    await response.arrayBuffer();
    return response.status;
  } catch {
    return undefined;
  }
};
