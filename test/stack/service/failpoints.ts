import { join } from "node:path";
import type { ServiceKind } from "@rekey/service-set";

export const kindVariable = "STACK_TEST_KIND";
export const failpointsVariable = "STACK_TEST_FAILPOINT";

/** Both replicas of a kind look there: the one that gets to the line first dies. */
export const failpointFile = (folder: string, kind: ServiceKind): string =>
  join(folder, `${kind}.failpoint`);
