import type { PaymentLine } from "./attempts.ts";
import type { PaymentConnections } from "./connect.ts";

interface StreamOptions {
  readonly everyMs: number;
  /** Wall-clock milliseconds. */
  readonly now: () => number;
  readonly record: (line: PaymentLine) => void;
}

export interface PaymentStream {
  /** New payments use these connections from here on; resolves when the old ones are done with. */
  use(next: PaymentConnections, version: number): Promise<void>;
  /** No further payment; resolves when those under way have ended. */
  stop(): Promise<void>;
}

const amountCentsMax = 50_000;

/** A steady stream of payments. Each is tried exactly once: what fails is recorded as failed. */
export const startPayments = ({ everyMs, now, record }: StreamOptions): PaymentStream => {
  let connections: PaymentConnections | undefined;
  let number = 0;
  const underWay = new Set<Promise<void>>();
  const attempt = async (through: PaymentConnections): Promise<void> => {
    const paid = { kind: "payment", number: (number += 1), startedAt: now() } as const;
    try {
      await through.pay(1 + ((paid.number * 7_919) % amountCentsMax));
      record({ ...paid, endedAt: now(), ok: true });
    } catch (error) {
      record({ ...paid, endedAt: now(), ok: false, code: codeOf(error) });
    }
  };
  const timer = setInterval(() => {
    if (connections === undefined) return;
    const one = attempt(connections).finally(() => underWay.delete(one));
    underWay.add(one);
  }, everyMs);
  return {
    use: async (next, version) => {
      const last = connections;
      connections = next;
      record({ kind: "moved", version, at: now() });
      await last?.end();
    },
    stop: async () => {
      clearInterval(timer);
      await Promise.all(underWay);
      await connections?.end();
    },
  };
};

const codeOf = (error: unknown): string => {
  const code = (error as { readonly code?: unknown }).code;
  if (typeof code === "string") return code;
  return error instanceof Error && /timeout/i.test(error.message) ? "timeout" : "connection-lost";
};
