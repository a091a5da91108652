import fc from "fast-check";
import { expect, test } from "vitest";
import {
  authorisation,
  authorise,
  commandNames,
  engineActor,
  localActor,
  roles,
} from "./authorise.ts";
import { backoffCapMs, backoffMs } from "./backoff.ts";
import {
  askGate,
  containmentAskMs,
  gateClosesAt,
  gateLookAt,
  gateProbeTimeoutMs,
  gateRetryMaxMs,
  openGate,
  reportToGate,
} from "./gate.ts";
import { issuerId } from "./ids.ts";
import { modeInForce, modes, modeScopes, type ModeSetting } from "./mode.ts";
import { versionLifeTransitions, versionLives } from "./version.ts";

const place = {
  producer: "scanner",
  environment: "production",
  issuer: "db",
  credential: "payments",
};

test("nothing set means observe, and the most restrictive setting that applies wins", () => {
  const setting = fc.record({
    scope: fc.constantFrom(...modeScopes),
    name: fc.constantFrom("", "scanner", "production", "db", "payments", "other"),
    mode: fc.constantFrom(...modes),
  });
  expect(modeInForce([], place)).toBe("observe");
  fc.assert(
    fc.property(fc.array(setting), (settings: ModeSetting[]) => {
      const applying = settings.filter(
        ({ scope, name }) => scope === "everything" || place[scope] === name,
      );
      const strictest = modes.find((mode) => applying.some((one) => one.mode === mode));
      expect(modeInForce(settings, place)).toBe(strictest ?? "observe");
    }),
  );
});

test("a producer's setting does not apply where no producer is known", () => {
  const { producer: _unknown, ...rest } = place;
  const settings: ModeSetting[] = [{ scope: "producer", name: "scanner", mode: "act" }];
  expect(modeInForce(settings, rest)).toBe("observe");
});

test.each(commandNames)("%s is allowed to exactly the roles of its row", (command) => {
  for (const role of roles) {
    const refusal = authorise({ id: "ada", authenticated: "jwt", roles: [role] }, command);
    expect(refusal === undefined).toBe(authorisation[command].includes(role));
  }
  expect(authorise({ id: "nobody", authenticated: "jwt", roles: [] }, command)).toBeDefined();
  expect(authorise(engineActor, command)).toBeDefined();
  expect(authorise(localActor("ada"), command)).toBeUndefined();
});

test("those who only look may change nothing, and producers may approve nothing", () => {
  const may = (role: (typeof roles)[number]): readonly string[] =>
    commandNames.filter((command) => authorisation[command].includes(role));
  const changing = [
    "inventory.apply",
    "credential.rotate",
    "case.approve",
    "case.dismiss",
    "mode.set",
    "pause",
  ];
  for (const role of ["viewer", "auditor", "producer", "consumer"] as const)
    expect(may(role).filter((command) => changing.includes(command))).toEqual([]);
  // A workload hears and answers; it reports nothing, and a scanner hears nothing.
  expect(may("consumer")).toEqual(["announcement.read", "acknowledge"]);
  expect(may("producer")).toEqual(["signal.report"]);
});

test("retries slow down, stay within the cap and never stop", () => {
  expect(backoffMs(0, 0.5)).toBe(500);
  expect(backoffMs(1, 0.5)).toBe(1_000);
  expect(backoffMs(3, 0.5)).toBe(4_000);
  fc.assert(
    fc.property(
      fc.nat(10_000),
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      (failures, jitter) => {
        const waitMs = backoffMs(failures, jitter);
        expect(waitMs).toBeGreaterThanOrEqual(400);
        expect(waitMs).toBeLessThanOrEqual(backoffCapMs);
        expect(backoffMs(failures + 1, jitter)).toBeGreaterThanOrEqual(waitMs);
      },
    ),
  );
});

test("a provider's own wish for a longer wait is kept", () => {
  expect(backoffMs(0, 0, 60_000)).toBe(60_000);
  expect(backoffMs(0, 0, 2 * backoffCapMs)).toBe(2 * backoffCapMs);
});

const issuer = issuerId("db");
const failed = (gate: ReturnType<typeof openGate>, now = 0) =>
  reportToGate(gate, false, { now, jitter: 0.5 });

const ask = (gate: ReturnType<typeof openGate>, now: number, contains = false) =>
  askGate(gate, now, { contains });

test("a gate closes at the third failure in a row, and one answer forgets them", () => {
  expect(gateClosesAt).toBe(3);
  const twice = failed(failed(openGate(issuer)));
  expect(twice).toMatchObject({ state: "open", failures: 2 });
  expect(reportToGate(twice, true, { now: 0, jitter: 0 })).toEqual(openGate(issuer));
  expect(failed(twice)).toMatchObject({ state: "closed", retryAt: 4_000 });
});

test("a closed gate lets one call through when its time has come, and one more when that never reports", () => {
  const closed = failed(failed(failed(openGate(issuer))));
  expect(ask(closed, 3_999)).toEqual({ allowed: false, gate: closed });
  const first = ask(closed, 4_000);
  expect(first).toMatchObject({ allowed: true, gate: { state: "half-open" } });
  expect(ask(first.gate, 4_001).allowed).toBe(false);
  expect(ask(first.gate, 4_000 + gateProbeTimeoutMs).allowed).toBe(true);
  expect(failed(first.gate, 5_000)).toMatchObject({
    state: "closed",
    failures: 4,
    retryAt: 9_500,
  });
  expect(reportToGate(first.gate, true, { now: 5_000, jitter: 0 })).toEqual(openGate(issuer));
});

test("a gate never waits longer than a few seconds by itself, however long its provider is away", () => {
  let gate = failed(failed(failed(openGate(issuer))));
  for (let asked = 0; asked < 1_000; asked += 1) {
    const now = gate.retryAt;
    gate = failed(ask(gate, now).gate, now);
    expect(gate.retryAt - now).toBeLessThanOrEqual(gateRetryMaxMs);
    expect(gate.retryAt - now).toBeGreaterThan(gateRetryMaxMs / 2);
  }
});

test("containments ask one at a time, and a closed gate keeps them from it for a moment only", () => {
  const closed = failed(failed(failed(openGate(issuer))));
  expect(ask(closed, containmentAskMs - 1, true).allowed).toBe(false);
  const first = ask(closed, containmentAskMs, true);
  expect(first).toMatchObject({ allowed: true, gate: { state: "half-open" } });
  expect(ask(first.gate, containmentAskMs + 1, true).allowed).toBe(false);
  expect(ask(first.gate, 2 * containmentAskMs, true).allowed).toBe(true);
  expect(ask(first.gate, 2 * containmentAskMs).allowed).toBe(false);
});

test("a wish for a longer wait outlives containments that ask, and the calls that were under way", () => {
  const wished = reportToGate(failed(failed(openGate(issuer))), false, {
    now: 0,
    jitter: 0.5,
    retryAfterMs: 60_000,
  });
  expect(wished.retryAt).toBe(60_000);
  const asked = ask(wished, 10_000, true);
  expect(asked).toMatchObject({ allowed: true, gate: { retryAt: 60_000 } });
  const again = failed(asked.gate, 11_000);
  expect(again).toMatchObject({ state: "closed", retryAt: 60_000 });
  expect(ask(again, 59_999).allowed).toBe(false);
  expect(ask(again, 60_000).allowed).toBe(true);
  const late = reportToGate(failed(failed(failed(openGate(issuer)))), false, {
    now: 1_000,
    jitter: 0.5,
    retryAfterMs: 60_000,
  });
  expect(late).toMatchObject({ failures: 3, retryAt: 61_000 });
});

test("who was refused looks again after about as long as the provider has been away, within a bound", () => {
  const away = { issuer, state: "closed", retryAt: 1_000, askedAt: 0 } as const;
  const lookMs = (failures: number, lane: "urgent" | "planned"): number =>
    gateLookAt({ ...away, failures }, { now: 0, jitter: 1, lane }) - away.retryAt;
  expect([3, 6, 1_000].map((failures) => lookMs(failures, "planned"))).toEqual([
    15_000, 30_000, 120_000,
  ]);
  expect([3, 6, 1_000].map((failures) => lookMs(failures, "urgent"))).toEqual([
    15_000, 15_000, 15_000,
  ]);
});

test("calls that were under way when the gate closed do not push its next try away", () => {
  const closed = failed(failed(failed(openGate(issuer))));
  expect(failed(closed, 1_000)).toEqual(closed);
});

test("only a suspended version comes back to life, and a revoked one never does", () => {
  const before = (life: string): readonly string[] =>
    versionLives.filter((from) => versionLifeTransitions[from].some((to) => to === life));
  expect(before("valid")).toEqual(["planned", "suspended"]);
  expect(before("revoked")).toEqual(["planned", "ending"]);
  expect(before("planned")).toEqual([]);
  expect(versionLifeTransitions.revoked).toEqual([]);
  expect(versionLifeTransitions.ending).toEqual(["revoked"]);
});
