import { issuerId, storeId, type Problem } from "@rekey/domain";
import type { GatewayOptions } from "../options.ts";

type Providers = Pick<GatewayOptions, "issuers" | "stores">;
type Unread = Readonly<Record<string, unknown>>;

/** Entries that are asked about; the document's own limit is higher and refused elsewhere. */
const entriesMax = 100_000;

/**
 * What issuers and stores say of a document's settings and addresses, with paths of the document. It reads
 * the document as it came, so that these problems show beside those of its shape.
 */
export const providerProblems = (providers: Providers, document: unknown): readonly Problem[] => {
  const credentials = isRecord(document) ? document["credentials"] : undefined;
  if (!Array.isArray(credentials)) return [];
  return credentials.slice(0, entriesMax).flatMap((entry: unknown, index) => {
    if (!isRecord(entry)) return [];
    const path = `credentials[${index}]`;
    return [
      ...issuerProblems(providers, entry["issuer"], `${path}.issuer`),
      ...storeProblems(providers, entry["store"], `${path}.store`),
    ];
  });
};

const issuerProblems = ({ issuers }: Providers, declared: unknown, path: string): Problem[] => {
  if (!isRecord(declared) || typeof declared["instance"] !== "string") return [];
  const issuer = issuers.get(issuerId(declared["instance"]));
  if (issuer === undefined) return [unknownInstance(`${path}.instance`, "issuer", issuers)];
  const found = issuer.checkSettings(declared["settings"] ?? {});
  return found.map((problem) => below(`${path}.settings`, problem));
};

const storeProblems = ({ stores }: Providers, declared: unknown, path: string): Problem[] => {
  if (!isRecord(declared) || typeof declared["store"] !== "string") return [];
  const store = stores.get(storeId(declared["store"]));
  if (store === undefined) return [unknownInstance(`${path}.store`, "store", stores)];
  return store.checkAddress(declared).map((problem) => below(path, problem));
};

const unknownInstance = (
  path: string,
  kind: "issuer" | "store",
  known: ReadonlyMap<string, unknown>,
): Problem => {
  const names = [...known.keys()].sort().join(", ");
  const rest = names === "" ? `no ${kind} is configured` : `configured are ${names}`;
  return { path, reason: `is no configured ${kind}: ${rest}` };
};

const below = (root: string, { path, reason }: Problem): Problem => ({
  path: path === "" ? root : `${root}.${path}`,
  reason,
});

const isRecord = (value: unknown): value is Unread =>
  typeof value === "object" && value !== null && !Array.isArray(value);
