import type { CommandName } from "@rekey/domain";
import { z } from "zod";
import { parseWith, type Parsed } from "../parsed.ts";

/** One call of the gateway's API: the server's route, the client's call and the OpenAPI page are made of it. */
export interface ApiRoute<
  Params extends z.ZodType = z.ZodType,
  Query extends z.ZodType = z.ZodType,
  Body extends z.ZodType = z.ZodType,
  Reply extends z.ZodType = z.ZodType,
> {
  readonly method: "GET" | "POST";
  /** With `:name` for what `params` holds. */
  readonly path: string;
  readonly summary: string;
  /** What the actor must be allowed; undefined for probes of liveness. */
  readonly command: CommandName | undefined;
  readonly params: Params;
  readonly query: Query;
  readonly body: Body;
  readonly reply: Reply;
  readonly bodyBytesMax: number;
  readonly example: { readonly body?: z.input<Body>; readonly reply: z.input<Reply> };
}

/** Nothing: no parameters, no query, no body. */
export const nothing = z.strictObject({});

/** Largest body of a call, unless the route says otherwise. */
export const bodyBytesMax = 256 * 1024;

type Empty = typeof nothing;
type Brief<
  Params extends z.ZodType,
  Query extends z.ZodType,
  Body extends z.ZodType,
  Reply extends z.ZodType,
> = Omit<ApiRoute<Params, Query, Body, Reply>, "params" | "query" | "body" | "bodyBytesMax"> & {
  readonly params?: Params;
  readonly query?: Query;
  readonly body?: Body;
  readonly bodyBytesMax?: number;
};

/** Fills in what a route leaves out. */
export const route = <
  Reply extends z.ZodType,
  Params extends z.ZodType = Empty,
  Query extends z.ZodType = Empty,
  Body extends z.ZodType = Empty,
>(
  brief: Brief<Params, Query, Body, Reply>,
): ApiRoute<Params, Query, Body, Reply> => ({
  params: nothing as unknown as Params,
  query: nothing as unknown as Query,
  body: nothing as unknown as Body,
  bodyBytesMax,
  ...brief,
});

/** Domain values as they stand on the wire: times become RFC 3339, what the schema does not name is left out. */
export const encodeReply = <Reply extends z.ZodType>(
  schema: Reply,
  value: z.output<Reply>,
): z.input<Reply> => z.encode(schema, value);

/** The other way, for clients. */
export const decodeReply = <Reply extends z.ZodType>(
  schema: Reply,
  wire: unknown,
): Parsed<z.output<Reply>> => parseWith(schema, wire);
