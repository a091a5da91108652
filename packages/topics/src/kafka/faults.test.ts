import { Fault } from "@rekey/domain";
import { KafkaJSProtocolError } from "kafkajs";
import { expect, test } from "vitest";
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
