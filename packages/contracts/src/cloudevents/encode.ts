import { assert } from "@rekey/domain";
import {
  attributeNames,
  attributeProblem,
  eventBytesMax,
  specVersion,
  type CloudEvent,
} from "./cloud-event.ts";

/** Structured mode, the only one Rekey writes. */
export const structuredContentType = "application/cloudevents+json; charset=UTF-8";

export interface EncodedEvent {
  readonly headers: Readonly<Record<string, string>>;
  readonly value: Uint8Array;
}

/** The event as one JSON document. An event that breaks the specification is our own bug: Assertion. */
export const encodeCloudEvent = (event: CloudEvent): EncodedEvent => {
  const attributes = attributesOf(event);
  assertAttributes(attributes);
  const document = { specversion: specVersion, ...attributes, ...payloadOf(event) };
  const value = new TextEncoder().encode(JSON.stringify(document));
  assert(value.byteLength <= eventBytesMax, "an event larger than one record");
  return { headers: { "content-type": structuredContentType }, value };
};

/** An event's document around its time and its JSON payload, for whoever learns both later. */
export interface EventFrame {
  readonly beforeTime: string;
  readonly beforeData: string;
}

/** As `encodeCloudEvent` writes it: `beforeTime + time + beforeData + data + "}"`. */
export const frameCloudEvent = (
  event: Omit<CloudEvent, "time" | "data" | "dataBytes">,
): EventFrame => {
  const { time: _later, ...attributes } = attributesOf(event);
  assertAttributes(attributes);
  const { datacontenttype, dataschema, ...before } = attributes;
  const document = JSON.stringify({ specversion: specVersion, ...before });
  const after = JSON.stringify({ datacontenttype, dataschema }).slice(1, -1);
  return {
    beforeTime: `${document.slice(0, -1)},"time":"`,
    beforeData: `"${after === "" ? "" : `,${after}`},"data":`,
  };
};

/** The record's key on a topic: equal to `partitionkey`, so that readers of either see one order. */
export const recordKeyOf = (event: Pick<CloudEvent, "extensions">): string => {
  const key = event.extensions["partitionkey"];
  assert(typeof key === "string", "an event without a partition key");
  return key;
};

const assertAttributes = (attributes: Readonly<Record<string, unknown>>): void => {
  const isValid = ([name, value]: [string, unknown]): boolean =>
    attributeProblem(name, value) === undefined;
  assert(Object.entries(attributes).every(isValid), "an event with invalid attributes");
};

function attributesOf(event: CloudEvent): Record<string, unknown> {
  const present = attributeNames.flatMap((name) =>
    event[name] === undefined ? [] : [[name, event[name]] as const],
  );
  return { ...event.extensions, ...Object.fromEntries(present) };
}

function payloadOf(event: CloudEvent): Record<string, unknown> {
  assert(event.data === undefined || event.dataBytes === undefined, "an event with two payloads");
  if (event.dataBytes !== undefined) {
    return { data_base64: Buffer.from(event.dataBytes).toString("base64") };
  }
  return event.data === undefined ? {} : { data: event.data };
}
