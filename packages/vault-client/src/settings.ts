import { isLoopback } from "@rekey/domain";
import { z } from "zod";

const addressesMax = 8;
const nameLengthMax = 200;

const isAddress = (text: string): boolean => {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || url.username !== "" || url.password !== "") return false;
  if (url.pathname !== "/" || url.search !== "" || url.hash !== "") return false;
  return url.protocol === "https:" || (url.protocol === "http:" && isLoopback(url.hostname));
};

const address = z.string().refine(isAddress, {
  error: "must be https://host:port, or http:// on the loopback address",
});

/** Segments joined by `/`, as Vault names mounts and namespaces. */
const place = z
  .string()
  .min(1)
  .max(nameLengthMax)
  .regex(/^[A-Za-z0-9_][A-Za-z0-9._-]*(\/[A-Za-z0-9_][A-Za-z0-9._-]*)*$/, {
    error: "must be names joined by /, without one at the ends",
  });

const reference = z.string().min(1);

/** How a room's options say where Vault is and who Rekey is there: spread it into a strict object. */
export const vaultConnectionShape = {
  /** Each node's own address; the active one is found among them. */
  addresses: z.array(address).min(1).max(addressesMax),
  namespace: place.optional(),
  tls: z
    .strictObject({
      /** Reference to the PEM bundle of the authority that signed Vault's certificate. */
      ca: reference,
    })
    .optional(),
  auth: z.union([
    z.strictObject({ token: reference }),
    z.strictObject({
      approle: z.strictObject({
        mount: place.default("approle"),
        roleId: z.string().min(1).max(nameLengthMax),
        secretId: reference,
      }),
    }),
  ]),
} as const;

/** Paths of the secret references in the shape, for whoever checks that they lead somewhere. */
export const vaultSecretOptions = ["tls.ca", "auth.token", "auth.approle.secretId"] as const;

const connection = z.strictObject(vaultConnectionShape);

/** Parsed options of one Vault. */
export type VaultConnection = z.infer<typeof connection>;
