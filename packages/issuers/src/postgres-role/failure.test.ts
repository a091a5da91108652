import { Fault } from "@rekey/domain";
import { expect, test } from "vitest";
import { faultOf, ServerFailure } from "./failure.ts";

const faults: readonly [code: string, sent: boolean, expected: string][] = [
  ["42501", true, "PROVIDER_DENIED"],
  ["28P01", false, "PROVIDER_DENIED"],
  ["28000", false, "PROVIDER_DENIED"],
  ["53300", false, "PROVIDER_THROTTLED"],
  ["53100", true, "PROVIDER_THROTTLED"],
  ["57014", true, "PROVIDER_TIMEOUT"],
  ["40001", true, "PROVIDER_TIMEOUT"],
  ["55P03", true, "PROVIDER_TIMEOUT"],
  ["57P03", false, "PROVIDER_UNREACHABLE"],
  ["57P01", true, "PROVIDER_UNREACHABLE unknown"],
  ["08006", true, "PROVIDER_UNREACHABLE unknown"],
  ["25006", true, "PROVIDER_UNREACHABLE"],
  ["2BP01", true, "PROVIDER_REJECTED"],
  ["42704", true, "PROVIDER_REJECTED"],
  ["ECONNREFUSED", false, "PROVIDER_UNREACHABLE"],
  ["ECONNRESET", true, "PROVIDER_UNREACHABLE unknown"],
  ["connection-lost", true, "PROVIDER_UNREACHABLE unknown"],
  ["deadline", false, "PROVIDER_TIMEOUT"],
  ["deadline", true, "PROVIDER_TIMEOUT unknown"],
  ["aborted", true, "PROVIDER_TIMEOUT unknown"],
];

for (const [code, sent, expected] of faults) {
  test(`${code} ${sent ? "after" : "before"} a statement was sent is ${expected}`, () => {
    const fault = faultOf(new ServerFailure({ code, sent })) as Fault;
    expect(fault).toBeInstanceOf(Fault);
    expect(`${fault.code}${fault.unknownOutcome ? " unknown" : ""}`).toBe(expected);
    expect(fault.providerCode).toBe(code);
  });
}

test("two sessions changing one role is a reason to try again, not to halt", () => {
  const failure = new ServerFailure({ code: "XX000", sent: true, concurrent: true });
  expect(faultOf(failure)).toMatchObject({ code: "PROVIDER_TIMEOUT", unknownOutcome: false });
  expect(faultOf(new ServerFailure({ code: "XX000", sent: true }))).toMatchObject({
    code: "PROVIDER_REJECTED",
  });
});

test("what is not the server's failure passes unchanged", () => {
  const bug = new TypeError("ours");
  expect(faultOf(bug)).toBe(bug);
});
