import { z } from "zod";

const identitiesMax = 8;
const readersMax = 64;

/** Settings of one sealed-file instance; `identities` are references to secrets, resolved where it is wired. */
export const sealedFileOptions = z.strictObject({
  /** An existing directory that only Rekey writes below. */
  root: z.string().min(1),
  /** References to age identities (`file:…`, `env:…`): the first one seals, all of them open. */
  identities: z.array(z.string().min(1)).min(1).max(identitiesMax),
  /** Recipients that every document is sealed to besides its consumers, for example one kept offline. */
  readers: z.array(z.string().startsWith("age1")).max(readersMax).default([]),
  /** `0640` lets the group of the directory read documents; versions stay `0600`. */
  documentMode: z.enum(["0600", "0640"]).default("0600"),
});

export type SealedFileOptions = z.infer<typeof sealedFileOptions>;
