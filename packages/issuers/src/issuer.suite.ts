import { credentialId } from "@rekey/domain";
import { afterAll, beforeAll, describe } from "vitest";
import { checkPromises } from "./suite/checks.suite.ts";
import type { IssuerFixture } from "./suite/fixture.ts";
import { foreignPromises } from "./suite/foreign.suite.ts";
import { lostReplyPromises } from "./suite/lost-reply.suite.ts";
import { mintPromises } from "./suite/mint.suite.ts";
import { probePromises } from "./suite/probe.suite.ts";
import { revocationPromises } from "./suite/revocation.suite.ts";
import type { Scope } from "./suite/steps.suite.ts";
import { suspensionPromises } from "./suite/suspension.suite.ts";

export type { IssuerFixture, ReplyFault } from "./suite/fixture.ts";

/** What every issuer promises, on every provider it claims to work with. */
export function issuerContract(name: string, open: () => Promise<IssuerFixture>): void {
  describe(name, () => {
    let fixture: IssuerFixture;
    let scopes = 0;
    beforeAll(async () => {
      fixture = await open();
    });
    afterAll(() => fixture.close());
    const scope = async (): Promise<Scope> => ({
      credential: credentialId(`suite-${++scopes}`),
      settings: await fixture.scope(),
    });
    const context = { fixture: () => fixture, scope };
    mintPromises(context);
    suspensionPromises(context);
    revocationPromises(context);
    lostReplyPromises(context);
    foreignPromises(context);
    probePromises(context);
    checkPromises(context);
  });
}
