import { silentLog } from "@rekey/runtime";
import type { LogFields } from "@rekey/runtime";
import kafkajs from "kafkajs";
import { expect, test } from "vitest";
import { createClientLog } from "./client-log.ts";

const canary = "cNry7-payload";

test("of what the client says only codes, counts and names are written, under one message", () => {
  const written: { message: string; fields: LogFields | undefined }[] = [];
  const debug = (message: string, fields?: LogFields) => void written.push({ message, fields });
  const write = createClientLog({ ...silentLog, debug })(kafkajs.logLevel.WARN);
  const error = Object.assign(new Error(canary), { name: "KafkaJSProtocolError" });
  const entry = { namespace: "Connection", level: kafkajs.logLevel.ERROR, label: "ERROR" };
  const timestamp = "2026-01-01T00:00:00.000Z";
  write({
    ...entry,
    log: {
      timestamp,
      message: `Connection error: connect ECONNREFUSED ${canary}`,
      retryCount: 2,
      retryTime: 300,
      payload: Buffer.from(canary),
      stack: canary,
    },
  });
  write({ ...entry, log: { timestamp, message: canary, error, topic: "t", partition: 3 } });
  write({ ...entry, namespace: canary, log: { timestamp, message: canary, error: canary } });
  expect(new Set(written.map(({ message }) => message))).toEqual(new Set(["kafka client reports"]));
  expect(written.map(({ fields }) => fields)).toEqual([
    { kind: "ERROR", component: "Connection", code: "ECONNREFUSED", attempt: 2, delayMs: 300 },
    {
      kind: "ERROR",
      component: "Connection",
      code: "KafkaJSProtocolError",
      topic: "t",
      partition: 3,
    },
    { kind: "ERROR" },
  ]);
  expect(JSON.stringify(written)).not.toContain(canary);
});
