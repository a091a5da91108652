import { z } from "zod";
import { textSchema } from "../text.ts";

/** Rows of one page. */
export const pageSizeMax = 200;
const pageSizeDefault = 50;

/** Longest a long poll is kept open: below the idle limits of common proxies. */
export const pollWaitMsMax = 25_000;

/** A number in a query string. */
const countSchema = (bounds: { min: number; max: number }) =>
  z.codec(
    z.string().regex(/^[0-9]{1,9}$/, "must be a whole number"),
    z.number().int().min(bounds.min).max(bounds.max),
    { decode: Number, encode: String },
  );

/** `true` or `false` in a query string. */
export const flagSchema = z.codec(z.enum(["true", "false"]), z.boolean(), {
  decode: (text) => text === "true",
  encode: (flag) => (flag ? "true" : "false"),
});

/** Opaque: it comes from `next` of the page before. */
export const cursorSchema = textSchema(256);

export const pageQuery = {
  after: cursorSchema.exactOptional(),
  limit: countSchema({ min: 1, max: pageSizeMax }).default(pageSizeDefault),
};

/** Absent waits: answer at once. */
export const pollQuery = {
  ...pageQuery,
  waitMs: countSchema({ min: 0, max: pollWaitMsMax }).default(0),
};

/** A bounded list whose members nobody changes. */
export const listOf = <Item extends z.ZodType>(item: Item, lengthMax = pageSizeMax) =>
  z.array(item).max(lengthMax).readonly();
