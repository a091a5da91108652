import { readFileSync } from "node:fs";
import { signalId } from "@rekey/domain";
import { expect, test } from "vitest";
import { decodeCloudEvent } from "../cloudevents/decode.ts";
import { structuredContentType } from "../cloudevents/encode.ts";
import { quarantinedEvent, quarantinedSchema } from "./quarantined-input.ts";

const value = readFileSync(new URL("fixtures/rekey.input.quarantined.v1.json", import.meta.url));
const fixture = decodeCloudEvent({ headers: { "content-type": structuredContentType }, value });

test("the fixture is the event of the input it describes", () => {
  const data = quarantinedSchema.parse(fixture.value?.data);
  const id = signalId(fixture.value?.id ?? "");
  const at = Date.parse(fixture.value?.time ?? "");
  expect(quarantinedEvent({ id, ...data }, at)).toEqual(fixture.value);
});

test("a body beside the digest is refused", () => {
  const planted = { ...(fixture.value?.data as object), body: "x" };
  expect(quarantinedSchema.safeParse(planted).success).toBe(false);
});
