import { Fault } from "@rekey/domain";
import type { Call, Clock, Mark } from "@rekey/domain";
import { eachBounded } from "./bounded.ts";
import type { AppRoleServer } from "./client.ts";
import { createTokenMarks, lookupsAtOnce } from "./token-marks.ts";

const tokensMax = 100_000;
const roundsMax = 10;

/** Finds the tokens that were issued from a secret id, which Vault cannot list, and ends them. */
export interface TokenSweep {
  /** Ends the tokens whose mark is meant, until none is left; answers how many there were. */
  end(isMeant: (mark: Mark) => boolean, call: Call): Promise<number>;
  close(): void;
}

export function createTokenSweep(server: AppRoleServer, clock: Pick<Clock, "after">): TokenSweep {
  const marks = createTokenMarks(server, clock);
  // Listed anew in each round: a login that was under way makes its token a moment later.
  const alive = async (call: Call) => {
    const accessors = new Set(await server.tokenAccessors(call));
    if (accessors.size <= tokensMax) return await marks.of(accessors, call);
    throw new Fault("PROVIDER_REJECTED", { providerCode: "too-many-tokens" });
  };
  return {
    async end(isMeant, call) {
      let ended = 0;
      for (let round = 0; round < roundsMax; round += 1) {
        const meant = (await alive(call)).filter(([, mark]) => isMeant(mark));
        if (meant.length === 0) return ended;
        const outcomes = await eachBounded(meant, lookupsAtOnce, ([accessor]) =>
          server.revokeToken(accessor, call),
        );
        ended += outcomes.filter(Boolean).length;
      }
      throw new Fault("PROOF_STILL_ALIVE", { providerCode: "tokens-remain" });
    },
    close: () => marks.close(),
  };
}
