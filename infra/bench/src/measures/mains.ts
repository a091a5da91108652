import { join } from "node:path";
import type { ServiceKind } from "@rekey/service-set";

const folder = join(import.meta.dirname, "../children");
const services = join(import.meta.dirname, "../../../../services");

/** Services as they are; those that act also tell of the moments that are measured. */
export const mainOfKind = (kind: ServiceKind): string =>
  kind === "intake" || kind === "rotator"
    ? join(folder, `${kind}.main.ts`)
    : join(services, kind, "src/main.ts");
