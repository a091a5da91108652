/** One line of the payment service's file: an attempt with its outcome, or that it now uses another version. */
export type PaymentLine =
  | {
      readonly kind: "payment";
      readonly number: number;
      readonly startedAt: number;
      readonly endedAt: number;
      readonly ok: boolean;
      /** SQLSTATE, or what became of the connection. */
      readonly code?: string;
    }
  | { readonly kind: "moved"; readonly version: number; readonly at: number };

export type Payment = Extract<PaymentLine, { kind: "payment" }>;

/** From the moment a version was being stopped until the service used the next one; wall-clock milliseconds. */
export interface ContainmentWindow {
  readonly from: number;
  readonly until: number;
}

export interface PaymentCounts {
  readonly ok: number;
  readonly failedInContainment: number;
  readonly failedOutsideContainment: number;
}

/** Every whole line of the file; a last line that is still being written is left for the next time. */
export const parsePaymentLines = (text: string): readonly PaymentLine[] =>
  text
    .slice(0, text.lastIndexOf("\n") + 1)
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as PaymentLine);

export const paymentsIn = (lines: readonly PaymentLine[]): readonly Payment[] =>
  lines.filter((line) => line.kind === "payment");

/** When the service said that it uses this version. */
export const movedAt = (lines: readonly PaymentLine[], version: number): number | undefined =>
  lines.filter((line) => line.kind === "moved").find((line) => line.version === version)?.at;

/** A failed attempt is explained by a window that it overlaps: one that began before may end in it. */
export const countPayments = (
  payments: readonly Payment[],
  windows: readonly ContainmentWindow[],
): PaymentCounts => {
  const failed = payments.filter((payment) => !payment.ok);
  const explained = failed.filter(({ startedAt, endedAt }) =>
    windows.some(({ from, until }) => endedAt >= from && startedAt <= until),
  );
  return {
    ok: payments.length - failed.length,
    failedInContainment: explained.length,
    failedOutsideContainment: failed.length - explained.length,
  };
};

/** The attempts of a span, by when they began. */
export const startedBetween = (
  payments: readonly Payment[],
  span: { readonly from: number; readonly until: number },
): readonly Payment[] =>
  payments.filter(({ startedAt }) => startedAt >= span.from && startedAt <= span.until);
