import { Fault } from "@rekey/domain";
import { KafkaJSNumberOfRetriesExceeded, KafkaJSProtocolError } from "kafkajs";
import { expect, test } from "vitest";
import { topicRefused } from "../refusals.ts";
import { asKafkaFault, isSettling } from "./faults.ts";

const refusedWith = (type: string): Error =>
  asKafkaFault(new KafkaJSProtocolError(Object.assign(new Error("refused"), { type, code: 14 })));

test.each([
  "GROUP_LOAD_IN_PROGRESS",
  "GROUP_COORDINATOR_NOT_AVAILABLE",
  "NOT_COORDINATOR_FOR_GROUP",
])("a coordinator that answers %s is an outage only when it goes on", (type) => {
  const failures = [0, 1, 2, 3, 4, 5, 6];
  expect(failures.map((before) => isSettling(refusedWith(type), before))).toEqual(
    failures.map((before) => before < 5),
  );
});

test.each([refusedWith("GROUP_AUTHORIZATION_FAILED"), new Fault("TOPICS_UNREACHABLE")])(
  "any other failure is told at once",
  (fault) => {
    expect(isSettling(fault, 0)).toBe(false);
  },
);

const retry = { retryCount: 5, retryTime: 1_000 };
const away = () => new Fault("TOPICS_UNREACHABLE", { providerCode: "TOKEN_UNREACHABLE" });
const exhausted = (cause: Error): Error => new KafkaJSNumberOfRetriesExceeded(cause, retry);

test("what a source of tokens said is told, also when kafkajs has wrapped it", () => {
  for (const said of [away(), topicRefused("TOKEN_INVALID_CLIENT")]) {
    const { code, providerCode } = said;
    for (const error of [said, exhausted(said), exhausted(exhausted(said))])
      expect(asKafkaFault(error)).toMatchObject({ code, providerCode });
  }
});

test("where a try before may have arrived, a token that is missing for the next does not hide it", () => {
  for (const error of [away(), exhausted(away())]) {
    const fault = asKafkaFault(error, { unknownOutcome: true });
    expect(fault).toMatchObject({ providerCode: "TOKEN_UNREACHABLE", unknownOutcome: true });
    expect(asKafkaFault(error)).toMatchObject({ unknownOutcome: false });
  }
});
