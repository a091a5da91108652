import { expect, test } from "vitest";
import { hour, minute } from "../instant.ts";
import type { Signal } from "../signal.ts";
import { decide, received } from "./intake.fixture.ts";

/** A moment of the ledger that is later than anything these signals say of the past. */
const now = 10 * hour;

const billing = {
  subject: { type: "service", ids: [{ scheme: "service", value: "billing" }] },
} as const;
const deployment = {
  kind: "lifecycle",
  effect: "advance",
  environment: "production",
  ...billing,
} as const satisfies Partial<Signal>;
const nobody = { target: undefined, serviceKnown: true, now };

test("a deployment never counts for announcements that are still to come", () => {
  const ahead = decide(received({ ...deployment, occurredAt: now + 5 * minute }), nobody);
  expect(ahead.deployed?.at).toBe(now);
  const past = decide(received({ ...deployment, occurredAt: now - hour }), nobody);
  expect(past.deployed?.at).toBe(now - hour);
});

test("what claims to be more than ten minutes ahead is refused, whatever it says", () => {
  for (const kind of ["exposure", "lifecycle", "offboarding", "manual"] as const) {
    const decision = decide(received({ ...deployment, kind, occurredAt: now + 11 * minute }), {
      now,
    });
    expect(decision).toMatchObject({ outcome: "refused" });
    expect(decision.deployed).toBeUndefined();
  }
});

test("who asks through the API is the requester by name, and the report of a fact is no request", () => {
  const source = { system: "rekey", feed: "rekey.in.api/sso:a/b", rawDigest: "" };
  const through = (kind: Signal["kind"]) => {
    const asked = received({ kind, effect: kind === "exposure" ? "expose" : "rotate", source });
    return decide({ ...asked, authentication: { ...asked.authentication, producer: "api" } }).open;
  };
  expect(through("manual")?.requestedBy).toBe("sso:a/b");
  expect(through("exposure")?.requestedBy).toBeUndefined();
});
