import { createVirtualClock } from "@rekey/testkit";
import { expect, test } from "vitest";
import { createFailedAttempts } from "./failed-attempts.ts";

const failing = () => {
  const clock = createVirtualClock();
  const attempts = createFailedAttempts(clock);
  const times = (count: number, address: string) =>
    Array.from({ length: count }, () => attempts.failed(address));
  return { clock, attempts, times };
};

test("an address fails ten times, then once every six seconds; the first beyond is told apart", async () => {
  const { clock, attempts, times } = failing();
  expect(times(10, "192.0.2.1")).toEqual(Array(10).fill("counted"));
  expect(times(3, "192.0.2.1")).toEqual(["first-over", "over", "over"]);
  expect(attempts.failed("192.0.2.2")).toBe("counted");
  await clock.advance(6_000);
  expect(times(2, "192.0.2.1")).toEqual(["counted", "first-over"]);
  await clock.advance(600_000);
  expect(times(11, "192.0.2.1")).toEqual([...Array<string>(10).fill("counted"), "first-over"]);
});

test("a network of IPv6 is one address, and an address of IPv4 written as one is itself", () => {
  const { attempts, times } = failing();
  times(10, "2001:db8:1:2::1");
  expect(attempts.failed("2001:db8:1:2:ffff::7")).toBe("first-over");
  expect(attempts.failed("2001:db8:1:3::1")).toBe("counted");
  times(10, "2001:db8::1");
  expect(attempts.failed("2001:db8:0:0:5::1")).toBe("first-over");
  times(10, "::ffff:192.0.2.1");
  expect(attempts.failed("::ffff:192.0.2.2")).toBe("counted");
});

test("however many addresses fail, what is remembered is bounded", () => {
  const { attempts, times } = failing();
  times(11, "192.0.2.1");
  for (let one = 0; one < 10_000; one += 1)
    attempts.failed(`10.${one >> 16}.${(one >> 8) & 255}.${one & 255}`);
  expect(attempts.failed("192.0.2.1")).toBe("counted");
});
