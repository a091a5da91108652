import { assert, isRefusal } from "@rekey/domain";
import { z } from "zod";
import type { CloudEvent, EventRecord } from "../cloudevents/cloud-event.ts";
import { decodeCloudEvent } from "../cloudevents/decode.ts";
import { parseWith, problem, type Parsed } from "../parsed.ts";
import { acknowledgementType, heartbeatType } from "./claims.ts";
import { unprovenHeartbeat } from "./unproven-claims.ts";
import { claimedConsumer, consumerJwsLengthMax } from "./verify.ts";

/** What an instance may say on `rekey.in.moved`: the event's type is the `typ` of the JWS in it. */
export const statementTypes = [acknowledgementType, heartbeatType] as const;
export type StatementType = (typeof statementTypes)[number];

/** A signed statement as it came; nothing of it is proven. */
export interface Statement {
  readonly type: StatementType;
  /** Compact JWS. */
  readonly jws: string;
}

/** `data` of the event. The envelope is not signed: whatever it says besides is not believed. */
const statementDataSchema = z.strictObject({ jws: z.string().min(1).max(consumerJwsLengthMax) });

/** JSON Schema of the event's data, as workloads write it. */
export const statementJsonSchema = (): Record<string, unknown> =>
  z.toJSONSchema(statementDataSchema, { io: "input" });

/** The event that carries a statement of ours; its key is the credential, so that what is said of one stays in order. */
export const statementEvent = ({ type, jws }: Statement): CloudEvent => {
  // Claims of either kind are those of a heartbeat and more.
  const claims = unprovenHeartbeat(jws);
  assert(!isRefusal(claims), "a statement that its own schema refuses");
  return {
    id: claims.jti,
    source: `/consumers/${claims.iss}`,
    type,
    datacontenttype: "application/json",
    extensions: { partitionkey: claims.credential },
    data: { jws },
  };
};

/** The statement in a record, or why it is none. */
export const decodeStatement = (record: EventRecord): Parsed<Statement> => {
  const { value: event, problems } = decodeCloudEvent(record);
  if (problems !== undefined) return { problems };
  const type = statementTypes.find((known) => known === event.type);
  if (type === undefined) return problem("type", `must be one of ${statementTypes.join(", ")}`);
  const parsed = parseWith(statementDataSchema, event.data, "data");
  if (parsed.problems !== undefined) return parsed;
  const { jws } = parsed.value;
  if (claimedConsumer(jws) === undefined)
    return problem("data.jws", "is no JWS that names a consumer as its issuer");
  return { value: { type, jws } };
};
