import {
  consumerId,
  credentialId,
  criticalities,
  endings,
  identityId,
  identityKinds,
  issuerId,
  policyName,
  storeId,
  type Consumer,
  type Credential,
  type Grant,
  type Identity,
} from "@rekey/domain";
import { z } from "zod";
import { inventoryNameSchema, textSchema } from "../text.ts";
import { instantSchema } from "../time.ts";
import { policySchema } from "./policy-schema.ts";

/** Entries of one kind that one inventory may hold. */
export const inventoryEntriesMax = 100_000;

/** The identity of the credentials Rekey itself acts with; it needs no declaration. */
export const ownIdentity = "rekey";
/** The policy of a credential that names none; it needs no declaration. */
export const defaultPolicy = "default";

const listMax = 10_000;
const aliasesMax = 50;
const fieldsMax = 50;

const name = inventoryNameSchema;
const identityRef = name.transform(identityId);
const consumerRef = name.transform(consumerId);
const credentialRef = name.transform(credentialId);
const purpose = textSchema(512);
const environment = textSchema(64);

const identitySchema = z
  .strictObject({
    id: identityRef,
    kind: z.enum(identityKinds),
    owner: identityRef.exactOptional(),
    aliases: z
      .array(z.strictObject({ scheme: textSchema(64), value: textSchema(512) }))
      .max(aliasesMax)
      .default([]),
  })
  .transform((identity): Identity => ({ ...identity, active: true }));

/** An Ed25519 public key; a private member is an unknown key and refuses the document. */
const signingKeySchema = z.strictObject({
  kty: z.literal("OKP"),
  crv: z.literal("Ed25519"),
  x: z.string().regex(/^[A-Za-z0-9_-]{43}$/, "must be 32 bytes in base64url"),
  kid: textSchema(128).exactOptional(),
  use: z.literal("sig").exactOptional(),
  alg: z.enum(["EdDSA", "Ed25519"]).exactOptional(),
});

const consumerSchema = z.strictObject({
  id: consumerRef,
  identity: identityRef,
  environment,
  service: textSchema(128),
  signingKey: signingKeySchema.exactOptional(),
  reader: z
    .string()
    .regex(/^age1[0-9a-z]{50,3000}$/, "must be an age recipient (age1…)")
    .exactOptional(),
}) satisfies z.ZodType<Consumer>;

const addressSchema = z.strictObject({
  store: name.transform(storeId),
  document: textSchema(512),
  fields: z
    .record(textSchema(128), textSchema(1024))
    .refine((fields) => Object.keys(fields).length > 0, "must name at least one field")
    .refine(
      (fields) => Object.keys(fields).length <= fieldsMax,
      `has more than ${fieldsMax} fields`,
    ),
});

const credentialSchema = z
  .strictObject({
    id: credentialRef,
    identity: identityRef,
    owner: identityRef,
    purpose,
    environment,
    issuer: z.strictObject({
      instance: name.transform(issuerId),
      settings: z.record(z.string(), z.unknown()).default({}),
    }),
    store: addressSchema.exactOptional(),
    consumers: z.array(consumerRef).max(listMax).default([]),
    policy: name.default(defaultPolicy).transform(policyName),
    criticality: z.enum(criticalities).default("normal"),
    endsWith: z.enum(endings).exactOptional(),
    exclusive: z.boolean().default(false),
    control: z.boolean().default(false),
  })
  .transform((credential): Credential => ({
    ...credential,
    protected: credential.identity === ownIdentity && !credential.control,
    declared: true,
    ended: false,
  }));

const grantSchema = z.strictObject({
  consumer: consumerRef,
  credential: credentialRef,
  purpose,
  owner: identityRef,
  approver: identityRef.exactOptional(),
  until: instantSchema.exactOptional(),
}) satisfies z.ZodType<Grant>;

const entriesOf = <Entry extends z.ZodType>(entry: Entry) =>
  z.array(entry).max(inventoryEntriesMax).default([]);

/** An inventory.yaml after YAML. Every list may be absent; unknown keys are refused. */
export const inventoryDocumentSchema = z.strictObject({
  identities: entriesOf(identitySchema),
  policies: entriesOf(policySchema),
  consumers: entriesOf(consumerSchema),
  credentials: entriesOf(credentialSchema),
  grants: entriesOf(grantSchema),
});
