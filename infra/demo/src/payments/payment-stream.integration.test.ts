import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { openShop, type Shop } from "../target/shop.fixture.ts";
import { countPayments, paymentsIn, type PaymentLine } from "./attempts.ts";
import { openPayments } from "./connect.ts";
import { startPayments } from "./payment-stream.ts";

let shop: Shop;
beforeAll(async () => {
  shop = await openShop();
}, 60_000);
afterAll(() => shop.close());

const soon = { timeout: 60_000, interval: 5 };

const stream = () => {
  const lines: PaymentLine[] = [];
  const payments = startPayments({ everyMs: 5, now: Date.now, record: (line) => lines.push(line) });
  const counts = () => countPayments(paymentsIn(lines), []);
  const paid = async (more: number): Promise<void> => {
    const until = counts().ok + more;
    await vi.waitFor(() => expect(counts().ok).toBeGreaterThanOrEqual(until), soon);
  };
  return { payments, lines, counts, paid };
};

test("a change of credentials while both work costs no payment, and each is in the table once", async () => {
  const before = await shop.target.recordedPayments();
  const { payments, counts, paid } = stream();
  await payments.use(await openPayments(await shop.addRole("first_1")), 1);
  await paid(20);
  await payments.use(await openPayments(await shop.addRole("first_2")), 2);
  await paid(20);
  await payments.stop();
  expect(counts().failedOutsideContainment).toBe(0);
  expect((await shop.target.recordedPayments()) - before).toBe(counts().ok);
});

test("once its role is suspended every attempt fails, and none is ever tried again", async () => {
  const before = await shop.target.recordedPayments();
  const { payments, lines, counts, paid } = stream();
  await payments.use(await openPayments(await shop.addRole("second_1")), 1);
  await paid(20);
  await shop.suspend("second_1");
  await vi.waitFor(
    () => expect(counts().failedOutsideContainment).toBeGreaterThanOrEqual(10),
    soon,
  );
  await payments.stop();
  const recorded = (await shop.target.recordedPayments()) - before;
  const { ok, failedOutsideContainment: failed } = counts();
  // What failed while it was committed may be in the table.
  expect(recorded).toBeGreaterThanOrEqual(ok);
  expect(recorded).toBeLessThanOrEqual(ok + failed);
  const numbers = paymentsIn(lines).map(({ number }) => number);
  expect(new Set(numbers).size).toBe(numbers.length);
});

test("a value that does not work is never moved to", async () => {
  await expect(openPayments(shop.url("nobody"))).rejects.toMatchObject({ code: "28P01" });
});
