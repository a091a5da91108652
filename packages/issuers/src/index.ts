export { issuerCatalog } from "./catalog.ts";
export type { IssuerKind } from "./catalog.ts";
