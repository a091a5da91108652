import type { Call, FaultCode, Material } from "@rekey/domain";
import type { IssuerFixture, ReplyFault } from "./fixture.ts";
import { expect, test } from "vitest";
import {
  answersAt,
  callOf,
  entriesOf,
  faultOf,
  minted,
  requestFor,
  silentCallsMs,
  states,
  stop,
  callMs,
} from "./steps.suite.ts";
import type { Context } from "./steps.suite.ts";

const effectsMax = 8;
const unsureCodes: readonly FaultCode[] = ["PROVIDER_TIMEOUT", "PROVIDER_UNREACHABLE"];

interface Strike {
  readonly nth: number;
  readonly work: (call: Call) => Promise<unknown>;
  readonly material: Material | undefined;
}

/** Runs `work` with a reply that fails after the nth effect; false when there was no nth effect. */
async function struck(
  fixture: IssuerFixture,
  fault: ReplyFault,
  { nth, work, material }: Strike,
): Promise<boolean> {
  for (const deadlineMs of fault === "silent" ? silentCallsMs : [callMs]) {
    await fixture.failReply(fault, nth);
    const outcome = await work(callOf(deadlineMs)).then(
      () => undefined,
      (error: unknown) => error,
    );
    const hasStruck = !(await fixture.healReplies());
    if (!hasStruck && outcome === undefined) return false;
    const found = await faultOf(Promise.reject(outcome), material);
    expect(unsureCodes).toContain(found.code);
    if (!hasStruck) continue;
    expect(found.unknownOutcome).toBe(true);
    return true;
  }
  return expect.fail("no deadline was long enough to come to the effect");
}

export function lostReplyPromises({ fixture, scope }: Context): void {
  for (const fault of ["lost", "silent"] as const) {
    test(`a mint whose reply is ${fault} is unknown, and adopted when repeated`, async () => {
      const { issuer } = fixture();
      const own = await scope();
      const request = await requestFor(issuer, own);
      const { material } = request;
      const work = (call: Call) => issuer.mint(request, call);
      expect(await struck(fixture(), fault, { nth: 1, work, material })).toBe(true);
      const adopted = await work(callOf());
      expect(adopted.outcome).toBe("adopted");
      if (material !== undefined) expect(await answersAt(issuer, material)).toEqual(["alive"]);
      expect(states(await entriesOf(issuer, own))).toEqual({ [adopted.principal]: "valid" });
    });

    test(`a stop whose reply is ${fault} is unknown, and done`, async () => {
      const { issuer } = fixture();
      const live = await minted(issuer, await scope());
      const work = (call: Call) => stop(issuer, live, call);
      expect(await struck(fixture(), fault, { nth: 1, work, material: live.material })).toBe(true);
      expect(await answersAt(issuer, live.material)).toEqual(["dead"]);
      await work(callOf());
    });

    test(`a revocation whose reply is ${fault} after any of its effects completes when repeated`, async () => {
      const { issuer } = fixture();
      const own = await scope();
      let nth = 1;
      for (; nth <= effectsMax; nth += 1) {
        const live = await minted(issuer, own, { version: nth });
        const work = (call: Call) => issuer.revoke(live, call);
        const happened = await struck(fixture(), fault, { nth, work, material: live.material });
        if (!happened) break;
        await work(callOf());
        expect(await entriesOf(issuer, own)).toEqual([]);
      }
      expect(nth).toBeGreaterThan(1);
      expect(nth).toBeLessThan(effectsMax);
    });
  }

  test("an aborted call ends at once with a Fault", async () => {
    const { issuer } = fixture();
    const live = await minted(issuer, await scope());
    await fixture().failReply("silent", 1);
    const aborting = new AbortController();
    const work = stop(issuer, live, callOf(callMs, aborting.signal));
    aborting.abort();
    expect((await faultOf(work, live.material)).code).toBe("PROVIDER_TIMEOUT");
    await fixture().healReplies();
  });
}
