import { expect, test } from "vitest";
import { askBreaker, reservationKey, type BreakerQuestion } from "./breaker.ts";

const question = (part: Partial<BreakerQuestion> = {}): BreakerQuestion => ({
  limits: { killsMax: 20, containmentsMax: 10, windowMs: 3_600_000 },
  use: { kills: 0, containments: 0 },
  kind: "kill",
  approvals: 0,
  confidence: "unknown",
  trustedFeed: false,
  producers: 1,
  ...part,
});

const containment = (kills: number, containments: number, part: Partial<BreakerQuestion> = {}) =>
  askBreaker(question({ kind: "containment", use: { kills, containments }, ...part }));

test("the last kill within N is allowed and the next is not", () => {
  expect(askBreaker(question({ use: { kills: 19, containments: 0 } }))).toEqual({
    allowed: true,
    charged: "kills",
  });
  expect(askBreaker(question({ use: { kills: 20, containments: 0 } })).allowed).toBe(false);
});

test("first containments have a budget of their own, which kills do not use up", () => {
  expect(containment(20, 9)).toEqual({ allowed: true, charged: "containments" });
  expect(containment(0, 10).allowed).toBe(false);
});

test("beyond C a confirmed exposure goes on, within N", () => {
  const trusted = { confidence: "valid", trustedFeed: true } as const;
  expect(containment(0, 10, trusted)).toEqual({ allowed: true, charged: "kills" });
  expect(containment(0, 10, { producers: 2 })).toEqual({ allowed: true, charged: "kills" });
  expect(containment(20, 10, trusted).allowed).toBe(false);
  expect(containment(20, 10, { producers: 9 }).allowed).toBe(false);
});

test("neither a sure report from an untrusted feed nor a doubtful one from a trusted feed confirms", () => {
  expect(containment(0, 10, { confidence: "valid" }).allowed).toBe(false);
  expect(containment(0, 10, { trustedFeed: true }).allowed).toBe(false);
});

test("two people lift the breaker, one does not", () => {
  const spent = { use: { kills: 99, containments: 99 } };
  expect(askBreaker(question({ ...spent, approvals: 1 })).allowed).toBe(false);
  expect(askBreaker(question({ ...spent, approvals: 2 }))).toEqual({
    allowed: true,
    charged: "approval",
  });
});

test("a flood never gets further than C and N together, however valid it looks", () => {
  let [kills, containments, allowed] = [0, 0, 0];
  for (let asked = 0; asked < 5_000; asked += 1) {
    const answer = containment(kills, containments, { confidence: "valid", trustedFeed: true });
    if (!answer.allowed) continue;
    allowed += 1;
    if (answer.charged === "kills") kills += 1;
    else containments += 1;
  }
  expect(allowed).toBe(30);
});

test("one version in one case counts once, whatever is done to it", () => {
  const base = {
    scope: "production × db",
    producer: "a",
    credential: "payments-db",
    version: 1,
    case: "c",
  };
  const key = reservationKey({ ...base, kind: "kill" });
  expect(reservationKey({ ...base, producer: "b", kind: "containment" })).toBe(key);
  expect(reservationKey({ ...base, version: 2, kind: "kill" })).not.toBe(key);
  expect(reservationKey({ ...base, case: "d", kind: "kill" })).not.toBe(key);
});
